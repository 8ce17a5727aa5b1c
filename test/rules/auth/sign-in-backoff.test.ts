import { expect, test } from "vitest";
import { BACKOFFS, waitAfter } from "../../../src/auth/rules/sign-in-backoff.ts";

const { "account-from-network": pair, account, network } = BACKOFFS;
const waits = (backoff: typeof pair, counts: readonly number[]) => counts.map((count) => waitAfter(backoff, count));

test("mistyping a few times costs nothing, and then each wrong password costs twice the wait", () => {
  expect(waits(pair, [0, 1, 5, 6, 7, 8])).toEqual([0, 0, 0, 2_000, 4_000, 8_000]);
});

test("a wait never grows past its limit, however many were wrong", () => {
  expect(waits(pair, [15, 16, 1_000_000])).toEqual([900_000, 900_000, 900_000]);
  expect(waits(account, [55, 1_000_000])).toEqual([30_000, 30_000]);
});

test("a network is given more than one account, because an office shares one", () => {
  expect(waits(network, [30, 31])).toEqual([0, 2_000]);
});
