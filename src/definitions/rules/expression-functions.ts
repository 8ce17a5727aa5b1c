import type { TreeInterpreter } from "@jmespath-community/jmespath";
import type { Work } from "./work.ts";

type Call = (typeof TreeInterpreter)["runtime"]["callFunction"];

/**
 * Calls a JMESPath function once its work is paid for: all that it reads and, where a small expression can ask for a
 * large text, all that it would write. Two functions of the library are replaced: trimming ran a regular expression
 * that takes quadratic time, and sorting put the numbers 10 and 9 in the order of their digits.
 */
export function callWithin(work: Work, name: string, args: Parameters<Call>[1], call: Call): ReturnType<Call> {
  work.walk(args);
  payForGrowth(work, name, args);
  const [subject, second] = args;
  if (name === "trim" || name === "trim_left" || name === "trim_right") {
    const trimmed = trim(name, subject, second);
    if (args.length <= 2 && trimmed !== null) return trimmed;
  }
  if (name === "sort" && args.length === 1 && isNumbers(subject)) return subject.toSorted((a, b) => a - b);
  return call(name, args);
}

function payForGrowth(work: Work, name: string, args: readonly unknown[]): void {
  const [first, second, third, fourth] = args;
  switch (name) {
    case "pad_left":
    case "pad_right":
      if (typeof second === "number") work.spendText(second);
      break;
    case "join":
      if (typeof first === "string" && Array.isArray(second)) work.spendText(first.length * second.length);
      break;
    case "split":
      if (typeof first === "string") work.spend(first.length / 2);
      break;
    case "replace":
      if (typeof first === "string" && typeof second === "string" && typeof third === "string") {
        work.spendText((first.length / Math.max(1, second.length) + 1) * third.length);
        if (typeof fourth === "number") work.spend(fourth * (1 + first.length + third.length));
      }
      break;
  }
}

const WHITE_SPACE = /^[\s\u0085]$/;

function trim(name: string, subject: unknown, characters: unknown): string | null {
  if (typeof subject !== "string" || (characters !== undefined && typeof characters !== "string")) return null;
  const isTrimmed = (character: string | undefined) =>
    character !== undefined && (characters ? characters.includes(character) : WHITE_SPACE.test(character));
  let start = 0;
  let end = subject.length;
  if (name !== "trim_right") while (start < end && isTrimmed(subject[start])) start += 1;
  if (name !== "trim_left") while (end > start && isTrimmed(subject[end - 1])) end -= 1;
  return subject.slice(start, end);
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => typeof item === "number");
}
