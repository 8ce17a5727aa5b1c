import type { Engine } from "../executions/index.ts";

/** Whoever was to write has been cut off when it has not done so by then. */
const GIVEN_UP_MS = 10_000;

type Host = Pick<Engine, "clock" | "sleep" | "background">;

/** Does one thing for many invocations of an isolate, a while after the first of them asked for it. */
export class Later {
  readonly #afterMs: number;
  #runsAt: number | null = null;

  constructor(afterMs: number) {
    this.#afterMs = afterMs;
  }

  /** Has `write` run in that while, behind the answer's back, unless somebody else's is waiting. */
  ask(host: Host, write: () => Promise<void>): void {
    const now = host.clock.now();
    if (this.#runsAt !== null && this.#isAwaited(this.#runsAt, now)) return;
    this.#runsAt = now + this.#afterMs;
    host.background(this.#run(host, write));
  }

  async #run(host: Host, write: () => Promise<void>): Promise<void> {
    await host.sleep(this.#afterMs, new AbortController().signal);
    this.#runsAt = null;
    await write();
  }

  /** By a clock that was set back it would be awaited for as long as that, though nobody is left to do it. */
  #isAwaited(runsAt: number, now: number): boolean {
    return now >= runsAt - this.#afterMs && now < runsAt + GIVEN_UP_MS;
  }
}
