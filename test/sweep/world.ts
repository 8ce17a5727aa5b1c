import { createExecutionContext, createScheduledController } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { vi } from "vitest";
import type { Env } from "../../src/env.ts";
import worker from "../../src/index.ts";
import { type Account, type Answer, ORIGIN, readAnswer } from "../worker/accounts.ts";
import { faultyEnv } from "./bindings.ts";
import { Faults, Invocation, type Plan } from "./faults.ts";
import type { Outside } from "./outside.ts";
import { isQuiet } from "./quiet.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** The platform delivers a message so often before it goes to the dead letters, by wrangler.toml. */
const DELIVERIES = 4;
/** And a dead letter. */
const DEAD_DELIVERIES = 11;
/** Between the crons that pick up what a fault has left: every outbox has sent again within these. */
const STEPS = [1, 1, 1, 1, 1, 1, 2, 5, 5, 10, 15, 20, 40, 60, 60, 120].map((minutes) => minutes * MINUTE);
/** What is written off after a day, such as objects that no row names, is gone by then. */
const LATER_MS = 26 * HOUR;
const PRUNED_AT_MINUTE = 17;

interface Waiting {
  id: string;
  body: unknown;
  dueAt: number;
  deliveries: number;
  dead: boolean;
}

/** Who tells a story: an account and what its requests carry. */
export interface Teller {
  account: Account;
  headers: Record<string, string>;
}

/** How an invocation ended. `value` is what its handler answered before its background work was over. */
interface Ended<Value> {
  fate: "returned" | "threw" | "died";
  value?: Value;
  error?: unknown;
}

/**
 * The whole Worker with its queue, its cron and its clock in a test's hands, and bindings that fail as planned while
 * `faults` is armed. One message is delivered at a time, so that a run can be repeated call by call.
 */
export class World {
  readonly faults: Faults;
  readonly account: Account;
  readonly outside: Outside;
  /** How far the clock of the next invocation of the queue's consumer is off, in milliseconds. */
  skew = () => 0;
  /** Who asks: with a key, whose owner's sessions may run out meanwhile. */
  readonly #headers: Record<string, string>;
  #queue: Waiting[] = [];
  #messages = 0;

  constructor({ account, headers }: Teller, outside: Outside, plan: Plan | null) {
    this.faults = new Faults(plan);
    this.outside = outside;
    this.#headers = headers;
    this.account = { ...account, fetch: this.fetch.bind(this), send: this.send.bind(this) };
  }

  /** A request over the API. Throws when the invocation dies before it answers. */
  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers({ ...this.#headers, ...Object.fromEntries(new Headers(init.headers)) });
    const request = new Request(new URL(path, ORIGIN), { ...init, headers });
    const { value, error } = await this.#invoke((bindings, context) => worker.fetch(request, bindings, context));
    if (value === undefined) throw error ?? new Error("the connection was lost");
    return value;
  }

  async send<Body = unknown>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer<Body>> {
    const given = body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) };
    return readAnswer<Body>(await this.fetch(path, { method, headers, ...given }));
  }

  /** Sends a request again until it is answered with a success, as a careful client does. */
  async insist<Body = unknown>(...request: Parameters<World["send"]>): Promise<Answer<Body>> {
    for (let tries = 1; ; tries += 1) {
      try {
        const answer = await this.send<Body>(...request);
        if (answer.status < 400) return answer;
        if (tries === 5) throw new Error(`answered ${answer.status}: ${JSON.stringify(answer.body)}`);
      } catch (error) {
        if (tries === 5) throw error;
      }
      // A reservation of a call whose fate is not known runs out after 30 seconds.
      this.pass(31 * SECOND);
    }
  }

  /** Lets time pass. */
  pass(ms: number): void {
    vi.setSystemTime(Date.now() + ms);
  }

  /** One cron, as the platform calls it. */
  async tick(): Promise<void> {
    const controller = createScheduledController({ scheduledTime: new Date(), cron: "* * * * *" });
    await this.#invoke((bindings, context) => worker.scheduled(controller, bindings, context));
  }

  /** Puts messages on the queue that nobody here has sent. */
  put(...bodies: readonly unknown[]): void {
    this.#take(bodies.map((body) => ({ body, delaySeconds: 0 })));
  }

  /** Loses everything that is on the queue. */
  loseMessages(): void {
    this.#queue = [];
  }

  /** Delivers one message after the other, and what is sent meanwhile, until none is left. Delays are waited out. */
  async drain(): Promise<void> {
    for (;;) {
      const next = this.#queue.toSorted((a, b) => a.dueAt - b.dueAt)[0];
      if (!next) return;
      this.#queue = this.#queue.filter((each) => each !== next);
      this.pass(Math.max(0, next.dueAt - Date.now()));
      const skew = this.skew();
      this.pass(skew);
      await this.#deliver(next);
      this.pass(-skew);
    }
  }

  /**
   * Delivers what is there in any order, four at once and each of them twice, to invocations of their own: as a queue may
   * that promises to deliver at least once. `random` is between 0 and 1.
   */
  async drainWildly(random: () => number): Promise<void> {
    for (;;) {
      const due = this.#queue.filter(({ dueAt }) => dueAt <= Date.now());
      const [first] = this.#queue.toSorted((a, b) => a.dueAt - b.dueAt);
      if (!first) return;
      if (due.length === 0) this.pass(first.dueAt - Date.now());
      const order = new Map(this.#queue.map((message) => [message, random()]));
      const some = this.#queue
        .filter(({ dueAt }) => dueAt <= Date.now())
        .toSorted((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0))
        .slice(0, 4);
      this.#queue = this.#queue.filter((each) => !some.includes(each));
      await Promise.all([...some, ...some].map((message) => this.#deliver({ ...message })));
    }
  }

  /** Has the cron pick up what was left, for hours if need be, until nothing is under way; then lets a day pass. */
  async settle(): Promise<void> {
    this.faults.armed = false;
    await this.drain();
    for (const step of STEPS) {
      this.pass(step);
      await this.tick();
      await this.drain();
      if (await isQuiet()) break;
    }
    const later = Date.now() + LATER_MS;
    this.pass(Math.ceil(later / HOUR) * HOUR + PRUNED_AT_MINUTE * MINUTE - Date.now());
    await this.tick();
    await this.drain();
  }

  async #deliver(message: Waiting): Promise<void> {
    const decided: { retryAfter?: number; acknowledged?: boolean } = {};
    const queue = message.dead ? "executions-dead" : "executions";
    const ack = () => {
      decided.acknowledged ??= decided.retryAfter === undefined;
    };
    const retry = ({ delaySeconds = 0 }: QueueRetryOptions = {}) => {
      if (!decided.acknowledged) decided.retryAfter ??= delaySeconds;
    };
    const delivery = {
      ...{ id: message.id, body: message.body, timestamp: new Date(), attempts: message.deliveries + 1 },
      ...{ ack, retry },
    };
    const metadata = { metrics: { backlogCount: 0, backlogBytes: 0 } };
    const batch = { queue, metadata, messages: [delivery], ackAll: ack, retryAll: retry };
    const { fate } = await this.#invoke(async (bindings, context) => worker.queue(batch, bindings, context));
    if (decided.acknowledged || (fate === "returned" && decided.retryAfter === undefined)) return;
    const deliveries = message.deliveries + 1;
    const spent = deliveries >= (message.dead ? DEAD_DELIVERIES : DELIVERIES);
    if (spent && message.dead) return;
    const dueAt = Date.now() + (decided.retryAfter ?? 0) * SECOND;
    this.#queue.push({ ...message, dueAt, ...(spent ? { dead: true, deliveries: 0 } : { deliveries }) });
  }

  /** Runs a handler to its end: that of its background work, or its death. */
  async #invoke<Value>(handle: (bindings: Env, context: ExecutionContext) => Promise<Value> | Value) {
    const invocation = new Invocation();
    const background: Promise<unknown>[] = [];
    const context = new Proxy(createExecutionContext(), {
      get(target, property) {
        if (property === "waitUntil") return (work: Promise<unknown>) => void background.push(work);
        const value: unknown = Reflect.get(target, property);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    const bindings = faultyEnv(this.faults, invocation, (messages) => this.#take(messages));
    const ended: Ended<Value> = { fate: "returned" };
    const work = async () => {
      try {
        ended.value = await handle(bindings, context);
      } catch (error) {
        ended.fate = "threw";
        ended.error = error;
      }
      // What they reject with is lost in production as well.
      for (let one = background.shift(); one !== undefined; one = background.shift()) await Promise.allSettled([one]);
    };
    if ((await Promise.race([work(), invocation.death])) === "died") ended.fate = "died";
    return ended;
  }

  #take(messages: readonly { body: unknown; delaySeconds: number }[]): void {
    for (const { body, delaySeconds } of messages) {
      this.#messages += 1;
      const dueAt = Date.now() + delaySeconds * SECOND;
      // As the platform does: what is delivered is a copy.
      const copy: unknown = JSON.parse(JSON.stringify(body));
      this.#queue.push({ id: `m${this.#messages}`, body: copy, dueAt, deliveries: 0, dead: false });
    }
  }
}

/** The tables of accounts: what else a run leaves is taken away before the next. */
const KEPT = ["users", "workspaces", "sessions", "accounts", "members", "api_keys", "installation", "dispatch_chain"];

/** Takes everything away that is no account, as if nothing had ever run. */
export async function wipe(): Promise<void> {
  const { results } = await env.DB.prepare(
    `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB 'sqlite_*' AND name NOT GLOB '_cf_*'
       AND name NOT GLOB '*_fts*' AND name <> 'd1_migrations' ORDER BY name`,
  ).all<{ name: string }>();
  const names = results.map(({ name }) => name).filter((name) => !KEPT.includes(name));
  const empty = names.map((name) => env.DB.prepare(`DELETE FROM ${name}`));
  const chain = env.DB.prepare("UPDATE dispatch_chain SET chain = '', hop = 0, lease_until = 0");
  // Twice: triggers on what goes write into tables that were emptied before.
  await env.DB.batch([env.DB.prepare("PRAGMA defer_foreign_keys = on"), ...empty, ...empty, chain]);
  for (const bucket of [env.OUTPUTS, env.EXPORTS]) {
    const { objects } = await bucket.list();
    if (objects.length > 0) await bucket.delete(objects.map(({ key }) => key));
  }
}
