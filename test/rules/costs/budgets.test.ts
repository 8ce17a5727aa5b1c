import { describe, expect, test } from "vitest";
import { decimalToNanoUsd, nanoUsdToDecimal } from "../../../src/core/money.ts";
import { alertMessage } from "../../../src/costs/rules/alert-message.ts";
import { worstCaseCost } from "../../../src/costs/rules/price-call.ts";
import { type BudgetState, refuseFor } from "../../../src/costs/rules/refuse-call.ts";
import { checkWebhookUrl } from "../../../src/costs/rules/webhook-address.ts";
import { billingOf } from "../../../src/providers/rules/billing.ts";

const USAGE = {
  ...{ inputTokens: 1, cachedInputTokens: 0, cacheWriteTokens: 0, cacheWrite1hTokens: 0 },
  ...{ outputTokens: 1, reasoningTokens: 0 },
};

function state(over: Partial<BudgetState> = {}): BudgetState {
  return {
    ...{ id: "b1", scope: "workspace", period: "day", timezone: "UTC", action: "block" },
    ...{ limitNanoUsd: 100, spentNanoUsd: 40, reservedNanoUsd: 10 },
    ...{ periodStart: 0, periodEnd: Date.parse("2026-01-02") },
    ...over,
  };
}

describe("an amount of money", () => {
  test.each([
    ["12.5", 12_500_000_000],
    ["0.000000001", 1],
    ["007", 7_000_000_000],
    ["9007199.254740991", Number.MAX_SAFE_INTEGER],
    ["9007199.254740992", null],
    ["1.0000000001", null],
    ["-1", null],
    ["1e3", null],
    ["1,5", null],
    [".5", null],
    ["", null],
    ["1\n", null],
  ])("%j is %j nano-USD", (text, nanoUsd) => {
    expect(decimalToNanoUsd(text)).toBe(nanoUsd);
    if (nanoUsd !== null) expect(decimalToNanoUsd(nanoUsdToDecimal(nanoUsd))).toBe(nanoUsd);
  });
});

describe("a refusal", () => {
  test("a call that takes the very last of a budget is let through, one nano-dollar more is not", () => {
    expect(refuseFor([state()], 50)).toBeNull();
    expect(refuseFor([state()], 51)?.kind).toBe("budget");
  });

  test("a budget that alerts refuses nothing, and the one that refuses is named", () => {
    expect(refuseFor([state({ action: "alert", limitNanoUsd: 1 })], 51)).toBeNull();
    expect(refuseFor([state({ id: "wide", limitNanoUsd: 1_000 }), state({ id: "narrow" })], 51)?.budgetId).toBe(
      "narrow",
    );
  });

  test("it says when the budget begins anew, unless no period is large enough for the call", () => {
    expect(refuseFor([state()], 61)?.message).toContain("wait until 2026-01-02T00:00:00.000Z");
    const never = refuseFor([state()], 101);
    expect(never?.message).not.toContain("wait until");
    expect(never?.message).toContain("PUT /api/budgets/b1");
  });

  test("money that calls under way only hold comes back: spent money does not, and is named first", () => {
    const held = state({ spentNanoUsd: 40, reservedNanoUsd: 60 });
    expect(refuseFor([held], 60)).toMatchObject({ kind: "budget", passes: true });
    expect(refuseFor([held], 60)?.message).toMatch(/0\.00000004 USD are spent, 0\.00000006 USD reserved/);
    expect(refuseFor([held], 61)).toMatchObject({ passes: false });
    const spent = state({ id: "spent", spentNanoUsd: 100 });
    expect(refuseFor([held, spent], 60)).toMatchObject({ passes: false, budgetId: "spent" });
  });

  test("an overdrawn budget has nothing left, and not less", () => {
    expect(refuseFor([state({ spentNanoUsd: 500 })], 1)?.message).toContain("has 0.00 USD left");
  });
});

describe("what an alert says", () => {
  const alert = {
    budgetId: "b1",
    scope: "workflow",
    workflowId: "w1",
    period: "week",
    timezone: "UTC",
    threshold: 80,
    limitNanoUsd: 10_000_000_000,
    spentNanoUsd: 8_120_000_000,
    periodStart: 0,
    periodEnd: 1,
    refusal: null,
  } as const;

  test("that calls go on, or will be refused", () => {
    expect(alertMessage({ ...alert, action: "alert" })).toContain(
      "(10.00 USD a week) has reached 80 %: 8.12 USD are spent. Calls go on.",
    );
    expect(alertMessage({ ...alert, action: "block" })).toContain("refused");
  });
});

describe("the worst case of a call", () => {
  test("counts at the dearest tier that it can fall into, also where a longer input is cheaper", () => {
    const price = {
      effectiveDate: "2020-01-01",
      input: 4_000,
      output: 8_000,
      tiers: [{ aboveInputTokens: 100, input: 1_000, output: 2_000 }],
    };
    // 101 bytes may be 100 tokens, or fewer: 101 * 4 + 10 * 8.
    expect(worstCaseCost(price, { inputTokens: 101, maxTokens: 10 })).toBe(484);
  });
});

describe("what a failed call will be billed", () => {
  test.each([
    ["counted tokens", { usage: USAGE, errorKind: "malformed", httpStatus: 200 }, "counted"],
    ["a refusal with its status", { usage: null, errorKind: "rate_limit", httpStatus: 429 }, "free"],
    ["a server's error", { usage: null, errorKind: "server", httpStatus: 500 }, "free"],
    ["an error that a gateway wraps into 200", { usage: null, errorKind: "overloaded", httpStatus: 200 }, "free"],
    ["a request that could not be built", { usage: null, errorKind: "invalid_request", httpStatus: null }, "free"],
    ["a call that a budget refused", { usage: null, errorKind: "budget", httpStatus: null }, "free"],
    ["a timeout", { usage: null, errorKind: "timeout", httpStatus: null }, "unknown"],
    ["a timeout in the midst of an answer", { usage: null, errorKind: "timeout", httpStatus: 200 }, "unknown"],
    ["a gateway that gave up waiting", { usage: null, errorKind: "timeout", httpStatus: 504 }, "unknown"],
    ["a gateway's own timeout", { usage: null, errorKind: "timeout", httpStatus: 524 }, "unknown"],
    ["a connection that a gateway lost", { usage: null, errorKind: "network", httpStatus: 522 }, "unknown"],
    ["a request that the server found late", { usage: null, errorKind: "timeout", httpStatus: 408 }, "unknown"],
    [
      "a call that was cancelled unsent",
      { usage: null, errorKind: "cancelled", httpStatus: null, billing: "free" },
      "free",
    ],
    ["a lost connection", { usage: null, errorKind: "network", httpStatus: null }, "unknown"],
    ["a cancelled call", { usage: null, errorKind: "cancelled", httpStatus: null }, "unknown"],
    ["a call given up for its latency", { usage: null, errorKind: "latency", httpStatus: null }, "unknown"],
    ["an answer without a count", { usage: null, errorKind: null, httpStatus: 200 }, "unknown"],
    ["an answer that nobody understands", { usage: null, errorKind: "malformed", httpStatus: 200 }, "unknown"],
  ] as const)("%s", (_, call, billing) => {
    expect(billingOf(call)).toBe(billing);
  });
});

describe("the address that alerts are sent to", () => {
  test.each(["https://hooks.swarm-alerts.com/budgets?team=7", "https://1.1.1.1/x", "https://[2606:4700::1111]:8443/x"])(
    "%s is taken",
    (url) => {
      expect(checkWebhookUrl(url, { allowLocal: false }).ok).toBe(true);
    },
  );

  test.each([
    "http://hooks.swarm-alerts.com/",
    "https://localhost/x",
    "https://127.0.0.1/x",
    "https://0x7f.1/x",
    "https://169.254.169.254/latest/meta-data",
    "https://[::1]/x",
    "https://[::ffff:10.0.0.1]/x",
    "https://intranet/x",
    "https://printer.local/x",
    "https://10.0.0.1.nip.io/x",
    "https://user:secret@hooks.swarm-alerts.com/x",
    "https://hooks.swarm-alerts.com/x#top",
    "https://hooks.swarm-alerts.com:0/x",
    "https:\\\\hooks.swarm-alerts.com",
    "https://hooks.swarm-alerts.com/\nx",
    `https://hooks.swarm-alerts.com/${"x".repeat(1_000)}`,
    "ftp://hooks.swarm-alerts.com/",
    "hooks.swarm-alerts.com",
  ])("%.60s is refused", (url) => {
    expect(checkWebhookUrl(url, { allowLocal: false }).ok).toBe(false);
  });

  test("loopback is taken only where the installation allows it", () => {
    expect(checkWebhookUrl("http://127.0.0.1:9000/x", { allowLocal: true }).ok).toBe(true);
    expect(checkWebhookUrl("http://10.0.0.1:9000/x", { allowLocal: true }).ok).toBe(false);
  });
});
