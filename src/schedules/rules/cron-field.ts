import { DomainError } from "../../core/errors.ts";

/** What one field of a cron expression may hold. */
export interface Bounds {
  /** As refusals call it: "day of month". */
  name: string;
  min: number;
  max: number;
  /** Names in capitals at the index of their number; an empty text for none. */
  names: readonly string[];
}

/**
 * The numbers of a field, ascending: a list of `*`, numbers or names, ranges `a-b`, and steps over a star, a range, or
 * from a number to the field's end (`5/15`). Expects capitals. Throws `schedule_invalid`.
 */
export function parseField(field: string, bounds: Bounds): number[] {
  return ascending(field.split(",").flatMap((item) => parseItem(item, bounds)));
}

/** One number or name of a field. Throws `schedule_invalid` for anything else and for what is out of its bounds. */
export function parseNumber(text: string, bounds: Bounds): number {
  const { name, min, max, names } = bounds;
  const named = text === "" ? -1 : names.indexOf(text);
  const number = /^\d{1,4}$/.test(text) ? Number(text) : named;
  if (number >= min && number <= max) return number;
  const allowed = names.length > 0 ? `${min} to ${max} or a name such as ${names[min + 1]}` : `${min} to ${max}`;
  throw invalidCron(`The ${name} cannot be "${text}".`, `It takes ${allowed}.`);
}

/** Each number once, in order. */
export function ascending(numbers: readonly number[]): number[] {
  return [...new Set(numbers)].toSorted((a, b) => a - b);
}

/** A refusal of a cron expression: what is wrong with it, and how it could be written. */
export function invalidCron(fault: string, advice: string): DomainError {
  return new DomainError("schedule_invalid", `${fault} ${advice}`, {
    details: [{ path: "cronExpression", message: fault }],
  });
}

function parseItem(item: string, bounds: Bounds): number[] {
  const [range = "", step, ...more] = item.split("/");
  if (more.length > 0) throw invalidCron(`The ${bounds.name} "${item}" has two steps.`, "Write one, such as */5.");
  const [from, to] = parseRange(range, step !== undefined, bounds);
  const by = step === undefined ? 1 : parseStep(step, bounds);
  const numbers: number[] = [];
  for (let number = from; number <= to; number += by) numbers.push(number);
  return numbers;
}

function parseRange(range: string, stepped: boolean, bounds: Bounds): [from: number, to: number] {
  // A week's seventh day is its Sunday once more: a star must not step onto it from Sunday.
  const last = bounds.max === 7 ? 6 : bounds.max;
  if (range === "*") return [bounds.min, last];
  const [low = "", high, ...more] = range.split("-");
  const from = parseNumber(low, bounds);
  if (high === undefined) return [from, stepped ? Math.max(from, last) : from];
  if (more.length > 0) throw invalidCron(`The ${bounds.name} "${range}" is no range.`, "Write one as 1-5.");
  const to = parseNumber(high, bounds);
  // FRI-SUN is what people write for a weekend, though SUN is 0.
  const end = bounds.max === 7 && to === 0 && from > 0 ? 7 : to;
  if (end >= from) return [from, end];
  throw invalidCron(
    `The ${bounds.name} range "${range}" ends before it begins.`,
    `Write two ranges: ${low}-${last},${bounds.min}-${high}.`,
  );
}

function parseStep(text: string, bounds: Bounds): number {
  const most = bounds.max === 7 ? 7 : bounds.max - bounds.min + 1;
  const step = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (step >= 1 && step <= most) return step;
  throw invalidCron(
    `The step "/${text}" of the ${bounds.name} is not one from 1 to ${most}.`,
    "A step counts within its field and begins anew with each round, such as */15 for every quarter of an hour.",
  );
}
