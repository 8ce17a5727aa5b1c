import { storable } from "./storable.ts";

/** Facts of one answer that are kept. */
export const MAX_OFFERED = 5;
const MAX_CATEGORY = 100;
const MAX_CONTENT = 1_000;

const FENCE = "swarm-knowledge";
/** The opening fence at the beginning of a line. */
const OPENING = new RegExp(`^[ \\t]*\`\`\`[ \\t]*${FENCE}[ \\t]*$`, "gim");
const CLOSING = /^\s*```\s*$/;
/** A line that a block may hold, as far as it was written before the answer was cut off. */
const BEGINS_FACT = /^\s*(\{|$)/;

/** What an agent that may learn is told, beside its own instructions. */
export const HOW_TO_OFFER = `When your work on this task taught you lasting facts that will help with later tasks of the same kind, end your answer with one block in exactly this form, a JSON object on each line:
\`\`\`${FENCE}
{"category":"one or two words","content":"the fact, in a sentence that can be understood by itself","confidence":80}
\`\`\`
Confidence goes from 0 to 100. At most ${MAX_OFFERED} facts, each at most ${MAX_CONTENT} characters. Offer only what you are sure of: no secrets, no personal data, nothing that holds for this task alone, nothing that stands in your reference knowledge already. Without such facts leave the block out. The block is removed from your answer before anybody reads it.`;

/** Something that an agent would have others know. */
export interface OfferedFact {
  category: string;
  content: string;
  confidence: number;
}

export interface Offer {
  /** The answer without the block. */
  text: string;
  facts: OfferedFact[];
  /** What was left out, and why: for the log, and so without a word of the answer. */
  faults: string[];
}

/**
 * Takes the facts out of an answer that ends with a block of them. What does not fit is left out and told as a fault;
 * an answer is never refused for it. A block that something follows is part of the answer, and stays.
 */
export function takeOffer(answer: string): Offer {
  const opening = [...answer.matchAll(OPENING)].at(-1);
  if (!opening) return { text: answer, facts: [], faults: [] };
  const text = answer.slice(0, opening.index).trimEnd();
  const lines = answer
    .slice(opening.index + opening[0].length)
    .split("\n")
    .slice(1);
  const end = lines.findIndex((line) => CLOSING.test(line));
  if (end === -1 && lines.every((line) => BEGINS_FACT.test(line))) {
    return { text, facts: [], faults: ["the block is not closed: the answer was cut off"] };
  }
  if (end === -1 || lines.slice(end + 1).some((line) => line.trim() !== "")) {
    return { text: answer, facts: [], faults: ["a block is only read at the end of an answer"] };
  }
  return { text, ...readLines(lines.slice(0, end)) };
}

function readLines(lines: readonly string[]): Pick<Offer, "facts" | "faults"> {
  const facts: OfferedFact[] = [];
  const faults: string[] = [];
  let more = 0;
  lines.forEach((line, index) => {
    if (line.trim() === "") return;
    const fact = readFact(line);
    if (typeof fact === "string") {
      // The number of faults is bounded like that of facts: both go into the log.
      if (faults.length < MAX_OFFERED) faults.push(`line ${index + 1}: ${fact}`);
    } else if (facts.length < MAX_OFFERED) facts.push(fact);
    else more += 1;
  });
  if (more > 0) faults.push(`${more} more than the ${MAX_OFFERED} facts that an answer may offer`);
  return { facts, faults };
}

/** A fact, or what is wrong with the line. */
function readFact(line: string): OfferedFact | string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return "not JSON";
    throw error;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "not a JSON object";
  if (!("category" in value && "content" in value && "confidence" in value) || Object.keys(value).length !== 3) {
    return "takes category, content and confidence, and nothing else";
  }
  const { category, content, confidence } = value;
  if (typeof category !== "string" || typeof content !== "string") return "category and content take text";
  if (typeof confidence !== "number" || !(confidence >= 0 && confidence <= 100)) return "confidence goes from 0 to 100";
  const fact = { category: storable(category), content: storable(content), confidence };
  if (fact.category === "" || fact.content === "") return "category and content are not empty";
  if (fact.category.length > MAX_CATEGORY) return `category takes at most ${MAX_CATEGORY} characters`;
  if (fact.content.length > MAX_CONTENT) return `content takes at most ${MAX_CONTENT} characters`;
  return fact;
}
