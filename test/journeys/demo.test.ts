import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { spawnScript } from "../support/start-process.ts";

test("the tour executes a fork and a join live, shows what each agent gave, goes back to a version, survives an outage, and leaves nothing behind", async () => {
  const temporary = mkdtempSync(join(tmpdir(), "swarm-tour-"));
  try {
    const tour = spawnScript("demo.ts", { TMPDIR: temporary, SIMULATED_LATENCY_MS: "50" });
    const url = (await tour.printed(/running at (http:\/\/[\d.:]+)/))[1] ?? "";

    expect(await tour.exited, tour.output()).toBe(0);

    const live = [...tour.output().matchAll(/^ +[\d.]+ s +(\w+) +(running|succeeded)$/gm)].map(
      (line) => `${line[1]} ${line[2]}`,
    );
    const at = (event: string) => live.indexOf(event);
    expect(at("editor running")).toBeGreaterThan(Math.max(at("facts succeeded"), at("reader succeeded")));
    expect(Math.min(at("facts succeeded"), at("reader succeeded"))).toBeGreaterThan(
      Math.max(at("facts running"), at("reader running")),
    );
    expect(live.at(-1)).toBe("execution succeeded");
    expect(tour.output().match(/^Fact finder .*tokens/m)).not.toBeNull();
    expect(tour.output()).toContain("You write for readers who have one minute.");
    expect(tour.output()).toContain("+ Write a summary of one sentence");
    expect(tour.output()).toMatch(/^ +executions +1 +1$/m);
    // Versions that ran on different texts differ in every figure, and none of it says anything of the prompt.
    const inputTokens = /^ +mean input tokens +(\d+) +(\d+)$/m.exec(tour.output());
    const [before, after] = [Number(inputTokens?.[1]), Number(inputTokens?.[2])];
    expect(Math.abs(after - before)).toBeLessThan(before / 20);
    expect(tour.output()).toMatch(/^ +3 +(\w{8}) +restore .*\n +2 .*\[production\]\n +1 +\1 +manual /m);
    expect(tour.output()).toMatch(
      /^ +call 1 +openai .*overloaded \(503\).*\n +call 2 +anthropic .*answered after \d+ ms/m,
    );
    expect(tour.output()).toContain("Fallback event: openai to anthropic, because of overloaded, succeeded.");
    expect(tour.output()).toMatch(
      /^Signed: +200 \{"success":true.*\nRepeated: 200 .*"duplicate":true.*\nForged: +401 \{"success":false/m,
    );
    expect(tour.output()).toMatch(
      /^ +401 +refused +signature_mismatch.*\n +200 +duplicate +execution (\S+) .*\n +200 +started +execution \1 /m,
    );
    expect(tour.output()).toMatch(/^ +\S+T\d\d:\d[05]:00.000Z +succeeded +execution \S+$/m);
    expect(tour.output()).toMatch(/^ +The budget of the workflow \(0\.00001 USD a day\) has 0\.00001 USD left/m);
    expect(tour.output()).toMatch(/^With a limit of 0\.05 USD it succeeds: 0\.0\d+ USD are spent,\n0\.00 reserved/m);
    expect(tour.output()).toContain("The log says: Helper was given 2 knowledge entries.");
    expect(tour.output()).toMatch(/^Those are the workflows to start from\. "Research and report" is installed now/m);
    // Costs that show nothing, where calls were made, are the first thing that nobody would believe.
    expect(tour.output().match(/^ +Newsroom +\d+ +\d+ +\d+ +0\.\d+$/gm)).toHaveLength(1);
    expect(tour.output()).toMatch(/^ +total +\d+ +\d+ +\d+ +0\.\d+$/m);
    expect(tour.output()).toMatch(/^\d+ executions succeeded, for \$0\.\d+ each\.$/m);
    expect(readdirSync(temporary).filter((name) => name.startsWith("swarm-demo-"))).toEqual([]);
    await expect(fetch(url)).rejects.toThrow();
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
});
