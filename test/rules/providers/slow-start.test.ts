import { expect, test } from "vitest";
import {
  type Burst,
  FIRST_ROOM,
  givePlace,
  HOLD_MS,
  NO_BURST,
  type Return,
  takePlace,
} from "../../../src/providers/rules/slow-start.ts";

const NOW = 1_000_000;

/** As many calls as get a place at once. */
function fill(given: Burst, now: number): { burst: Burst; taken: number } {
  let burst = given;
  for (let taken = 0; ; taken += 1) {
    const next = takePlace(burst, now);
    if (next === null) return { burst, taken };
    burst = next;
  }
}

const answers = (burst: Burst, count: number, result: Return, now: number) =>
  burst.unanswered.slice(0, count).reduce<Burst>((each, place) => givePlace(each, place, result, now), burst);

test("a burst at a provider of which nothing is known gets sixteen places", () => {
  expect(fill(NO_BURST, NOW).taken).toBe(FIRST_ROOM);
});

test("each answer lets two more go, so that a healthy provider is soon called without any bound that is felt", () => {
  let { burst } = fill(NO_BURST, NOW);
  const rounds = [1, 2, 3].map((round) => {
    burst = answers(burst, burst.unanswered.length, "success", NOW + round);
    const filled = fill(burst, NOW + round);
    burst = filled.burst;
    return filled.taken;
  });
  expect(rounds).toEqual([32, 64, 128]);
});

test("a failure takes all the room back but the first, and frees its own place", () => {
  const grown = answers(fill(NO_BURST, NOW).burst, FIRST_ROOM, "success", NOW);
  const { burst } = fill(grown, NOW);
  const after = givePlace(burst, NOW, "failure", NOW);
  expect(takePlace(after, NOW)).toBeNull();
  expect(fill(answers(after, 31, "failure", NOW), NOW).taken).toBe(FIRST_ROOM);
});

test("a fault of the caller frees its place and says nothing of the provider", () => {
  const { burst } = fill(NO_BURST, NOW);
  expect(fill(givePlace(burst, NOW, "neutral", NOW), NOW).taken).toBe(1);
});

test("calls that take longer than a second hold nobody back", () => {
  const { burst } = fill(NO_BURST, NOW);
  expect(takePlace(burst, NOW + HOLD_MS - 1)).toBeNull();
  expect(fill(burst, NOW + HOLD_MS).taken).toBe(FIRST_ROOM);
});

test("what a provider answered half a minute ago is no proof any more", () => {
  const grown = answers(fill(NO_BURST, NOW).burst, FIRST_ROOM, "success", NOW);
  expect(fill(grown, NOW + 29_999).taken).toBe(2 * FIRST_ROOM);
  expect(fill(grown, NOW + 30_000).taken).toBe(FIRST_ROOM);
});

test("a clock that was set back does not keep calls waiting for the difference", () => {
  const { burst } = fill(NO_BURST, NOW);
  expect(takePlace(burst, NOW - 3_600_000)).not.toBeNull();
});

test("after a rate limit one call goes first, and each answer lets one more go", () => {
  const limited = givePlace(fill(NO_BURST, NOW).burst, NOW, "limited", NOW);
  const later = NOW + 60_000;
  const first = fill(limited, later);
  expect(first.taken).toBe(1);
  expect(fill(givePlace(first.burst, later, "success", later), later).taken).toBe(2);
  expect(fill(givePlace(first.burst, later, "failure", later), later).taken).toBe(1);
});

test("a call that took long gives up its own place and nobody else's", () => {
  const slow = takePlace(NO_BURST, NOW);
  if (slow === null) throw new Error("There was room.");
  const { burst } = fill(slow, NOW + HOLD_MS);
  expect(takePlace(givePlace(burst, NOW, "neutral", NOW + HOLD_MS), NOW + HOLD_MS)).toBeNull();
  expect(takePlace(givePlace(burst, null, "neutral", NOW + HOLD_MS), NOW + HOLD_MS)).toBeNull();
});
