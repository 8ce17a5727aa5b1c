import { abortAllDurableObjects } from "cloudflare:test";

/**
 * What becomes of the call that a fault strikes. The effect of the ones "behind" is there, and nobody is told. The last
 * one lets it be, and throws all Durable Objects out of memory before it.
 */
export const MODES = ["fails", "fails behind", "passes behind", "dies", "dies behind", "evicts"] as const;
export type Mode = (typeof MODES)[number];

/** Which call of a scenario is struck, counted from 1, and how. */
export interface Plan {
  call: number;
  mode: Mode;
}

/** A fault that nothing in the code knows of. */
const UNKNOWN = "internal error; reference = 0123456789";
/** One that the platform says may be asked again after. */
const PASSING = "Network connection lost.";

/** One invocation of the Worker. Once it has died none of its calls takes effect or answers any more. */
export class Invocation {
  readonly #death = Promise.withResolvers<"died">();
  dead = false;

  /** Resolves when it dies. */
  get death(): Promise<"died"> {
    return this.#death.promise;
  }

  die(): void {
    this.dead = true;
    this.#death.resolve("died");
  }
}

/** Counts the calls of bindings while it is armed, and strikes the one that is planned. */
export class Faults {
  /** What was called, in its order. */
  readonly calls: string[] = [];
  armed = false;
  struck = false;
  readonly #plan: Plan | null;

  constructor(plan: Plan | null) {
    this.#plan = plan;
  }

  /** Makes a call of a binding on behalf of an invocation, or lets it fail. */
  async call(invocation: Invocation, label: string, run: () => unknown): Promise<unknown> {
    if (invocation.dead) return never();
    if (!this.armed) return run();
    this.calls.push(label);
    if (this.calls.length !== this.#plan?.call) return run();
    this.struck = true;
    switch (this.#plan.mode) {
      case "fails":
        throw new Error(UNKNOWN);
      case "fails behind":
        await run();
        throw new Error(UNKNOWN);
      case "passes behind":
        await run();
        throw Object.assign(new Error(PASSING), { retryable: true });
      case "evicts":
        await abortAllDurableObjects();
        return run();
      case "dies":
        invocation.die();
        return never();
      case "dies behind":
        await run();
        invocation.die();
        return never();
    }
  }
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}
