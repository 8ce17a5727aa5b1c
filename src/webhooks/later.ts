import type { Engine } from "../executions/index.ts";

/** What an isolate gathers is written after this long, with one call however much it is. */
const GATHERED_MS = 1_000;
/** Whoever was to write has been cut off when it has not done so by then. */
const GIVEN_UP_MS = 10_000;

type Host = Pick<Engine, "clock" | "sleep" | "background">;

/** Does one thing for many invocations of an isolate, a second after the first of them asked for it. */
export class Later {
  #runsAt: number | null = null;

  /** Has `write` run in a second, behind the answer's back, unless somebody else's is waiting. */
  ask(host: Host, write: () => Promise<void>): void {
    const now = host.clock.now();
    if (this.#runsAt !== null && isAwaited(this.#runsAt, now)) return;
    this.#runsAt = now + GATHERED_MS;
    host.background(this.#run(host, write));
  }

  async #run(host: Host, write: () => Promise<void>): Promise<void> {
    await host.sleep(GATHERED_MS, new AbortController().signal);
    this.#runsAt = null;
    await write();
  }
}

/** By a clock that was set back it would be awaited for as long as that, though nobody is left to do it. */
function isAwaited(runsAt: number, now: number): boolean {
  return now >= runsAt - GATHERED_MS && now < runsAt + GIVEN_UP_MS;
}
