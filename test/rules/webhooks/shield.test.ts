import { beforeEach, expect, test } from "vitest";
import { type Claim, Shield } from "../../../src/webhooks/shield.ts";

const IP = "198.51.100.7";
let shield: Shield;
beforeEach(() => {
  shield = new Shield();
});

/** A secret as a call of one workflow shows it. */
const of = (digest: string, workflowId = "w"): Claim => ({ workflowId, digest });

let guesses = 0;
/** Wrong secrets, each another. Answers how many were let through to the look-up. */
function guess(times: number, ip: string | null = IP, now = 0): number {
  let through = 0;
  for (let i = 0; i < times; i += 1) {
    guesses += 1;
    const digest = of(`wrong-${guesses}`);
    if (shield.enter(ip, digest, now) > 0) continue;
    through += 1;
    shield.wrong(digest);
  }
  return through;
}

test("fifty wrong secrets at once are let through, and then one in a fifth of a second", () => {
  expect(guess(120)).toBe(50);
  expect(shield.enter(IP, of("new"), 199)).toBe(1);
  expect(guess(10, IP, 200)).toBe(1);
  expect(guess(10, IP, 1_200)).toBe(5);
  expect(guess(120, IP, 100_000)).toBe(50);
});

test("guesses that come before the first is looked up count all the same", () => {
  const entered = Array.from({ length: 80 }, (_, i) => shield.enter(IP, of(`at-once-${i}`), 0));
  expect(entered.filter((seconds) => seconds === 0).length).toBe(50);
});

test("a burst with one new secret that turns out right is let through whole, and costs nothing", () => {
  const burst = Array.from({ length: 200 }, () => shield.enter(IP, of("mine"), 0));
  expect(new Set(burst)).toEqual(new Set([0]));
  for (let i = 0; i < 200; i += 1) shield.right(IP, of("mine"), 0);
  expect(guess(120)).toBe(50);
});

test("one wrong secret again and again counts each time", () => {
  expect(shield.enter(IP, of("the same"), 0)).toBe(0);
  shield.wrong(of("the same"));
  const again = Array.from({ length: 100 }, () => shield.enter(IP, of("the same"), 0));
  expect(again.filter((seconds) => seconds === 0).length).toBe(49);
});

test("a secret that was right before passes from any address, until it is wrong", () => {
  shield.enter(IP, of("mine"), 0);
  shield.right(IP, of("mine"), 0);
  guess(100);
  expect(shield.enter(IP, of("mine"), 0)).toBe(0);
  shield.wrong(of("mine"));
  expect(shield.enter(IP, of("mine"), 0)).toBe(1);
});

test("addresses count apart, those of one IPv6 subscriber together, and mapped ones as what they are", () => {
  expect(guess(60)).toBe(50);
  expect(guess(60, "198.51.100.8")).toBe(50);
  expect(guess(60, "::ffff:198.51.100.7")).toBe(0);
  expect(guess(60, "2001:db8:0:1::1")).toBe(50);
  expect(guess(60, "2001:db8:0:1:ffff::2")).toBe(0);
  expect(guess(60, "2001:db8:0:2::1")).toBe(50);
  expect(guess(60, null)).toBe(50);
});

test("a clock that goes back gives nothing away and locks nobody out", () => {
  guess(60, IP, 10_000);
  expect(guess(5, IP, 9_000)).toBe(0);
  expect(guess(5, IP, 10_200)).toBe(1);
});

test("what it remembers is bounded: the address that was quiet for longest is forgotten", () => {
  guess(60, "192.0.2.1");
  for (let i = 0; i < 10_000; i += 1) guess(1, `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);
  expect(guess(60, "192.0.2.1")).toBe(50);
});

test("a right secret that is sent with another workflow is wrong there and right where it belongs", () => {
  shield.enter(IP, of("mine"), 0);
  shield.right(IP, of("mine"), 0);
  shield.enter("192.0.2.9", of("mine", "another"), 0);
  shield.wrong(of("mine", "another"));
  guess(100);
  expect(shield.enter(IP, of("mine"), 0)).toBe(0);
});

test("a look-up that failed leaves no free way behind for its secret", () => {
  shield.enter(IP, of("new"), 0);
  shield.unknown(of("new"));
  guess(100);
  expect(shield.enter(IP, of("new"), 0)).toBe(1);
  // And takes nothing from one that is known.
  shield.right("192.0.2.9", of("mine"), 0);
  shield.unknown(of("mine"));
  expect(shield.enter(IP, of("mine"), 0)).toBe(0);
});
