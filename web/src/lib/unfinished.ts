const CLOSES: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };
/** Something has to follow these; a `-` may end a name. */
const OPEN_END = /(?:[.,:|&!<>=+/]|\?)$/;

/**
 * Whether a JMESPath expression plainly goes on: a bracket or a quote is open, or it ends where something has to follow. To
 * keep from asking about what is still being typed; it is no check, and what it lets through may be faulty.
 */
export function isUnfinished(expression: string): boolean {
  const open: string[] = [];
  let quote: string | null = null;
  for (let place = 0; place < expression.length; place += 1) {
    const letter = expression.charAt(place);
    if (quote !== null) {
      if (letter === "\\") place += 1;
      else if (letter === quote) quote = null;
    } else if (letter === "'" || letter === '"' || letter === "`") quote = letter;
    else if (CLOSES[letter] !== undefined) open.push(CLOSES[letter]);
    else if (letter === open.at(-1)) open.pop();
  }
  return quote !== null || open.length > 0 || OPEN_END.test(expression.trim());
}
