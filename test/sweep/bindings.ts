import { env } from "cloudflare:workers";
import type { Env } from "../../src/env.ts";
import type { Faults, Invocation } from "./faults.ts";

export type Around = (label: string, run: () => unknown) => Promise<unknown>;

/** What the queue's binding of a scenario does with what is sent. */
export type Take = (messages: readonly { body: unknown; delaySeconds: number }[]) => void;

/** The Worker's bindings for one invocation, each call of which a fault may strike. */
export function faultyEnv(faults: Faults, invocation: Invocation, take: Take): Env {
  const around: Around = (label, run) => faults.call(invocation, label, run);
  return {
    ...env,
    DB: faultyDb(env.DB, around),
    EXECUTIONS: faultyQueue(env.EXECUTIONS, take, around),
    OUTPUTS: faultyBucket(env.OUTPUTS, "OUTPUTS", around),
    EXPORTS: faultyBucket(env.EXPORTS, "EXPORTS", around),
    LIVE_FEED: faultyObjects(env.LIVE_FEED, "LIVE_FEED", around),
    CIRCUIT_BREAKER: faultyObjects(env.CIRCUIT_BREAKER, "CIRCUIT_BREAKER", around),
    WEBHOOK_GATE: faultyObjects(env.WEBHOOK_GATE, "WEBHOOK_GATE", around),
  };
}

/** The methods of an object, each of whose calls goes through `around`. */
function faultyMethods<Target extends object>(target: Target, name: string, around: Around): Target {
  return new Proxy(target, {
    get(object, property) {
      const value: unknown = Reflect.get(object, property);
      if (typeof value !== "function" || typeof property === "symbol" || property === "then") return value;
      return (...args: unknown[]) => around(`${name}.${property}`, () => Reflect.apply(value, object, args));
    },
  });
}

/** A database each call of which goes through `around`, with the beginning of its statement as its label. */
export function faultyDb(db: D1Database, around: Around): D1Database {
  const wrapped = new WeakMap<D1PreparedStatement, { inner: D1PreparedStatement; sql: string }>();
  const wrap = (inner: D1PreparedStatement, sql: string): D1PreparedStatement => {
    const proxy = new Proxy(inner, {
      get(target, property) {
        if (property === "bind") return (...values: unknown[]) => wrap(target.bind(...values), sql);
        const value: unknown = Reflect.get(target, property);
        if (typeof value !== "function") return value;
        return (...args: unknown[]) => around(`DB ${inShort(sql)}`, () => Reflect.apply(value, target, args));
      },
    });
    wrapped.set(proxy, { inner, sql });
    return proxy;
  };
  return new Proxy(db, {
    get(target, property) {
      if (property === "prepare") return (sql: string) => wrap(target.prepare(sql), sql);
      if (property === "batch") {
        return (statements: D1PreparedStatement[]) => {
          const first = statements[0];
          const sql = (first && wrapped.get(first)?.sql) ?? "";
          const label = `DB batch of ${statements.length}: ${inShort(sql)}`;
          return around(label, () => target.batch(statements.map((each) => wrapped.get(each)?.inner ?? each)));
        };
      }
      const value: unknown = Reflect.get(target, property);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

function inShort(sql: string): string {
  return sql.replace(/\s+/g, " ").trim().slice(0, 70);
}

function faultyQueue<Message>(queue: Queue<Message>, take: Take, around: Around): Queue<Message> {
  return new Proxy(queue, {
    get(target, property) {
      if (property === "send") {
        return (body: Message, options: QueueSendOptions = {}) =>
          around("EXECUTIONS.send", () => take([{ body, delaySeconds: options.delaySeconds ?? 0 }]));
      }
      if (property === "sendBatch") {
        return (messages: Iterable<MessageSendRequest<Message>>) => {
          const all = [...messages].map(({ body, delaySeconds = 0 }) => ({ body, delaySeconds }));
          return around("EXECUTIONS.sendBatch", () => take(all));
        };
      }
      return Reflect.get(target, property);
    },
  });
}

/** Uploads in parts are faulty too. */
function faultyBucket(bucket: R2Bucket, name: string, around: Around): R2Bucket {
  const methods = faultyMethods(bucket, name, around);
  const upload = (inner: R2MultipartUpload) => {
    const parts = faultyMethods(inner, `${name} upload`, around);
    return new Proxy(parts, {
      get: (target, property) => (property === "uploadId" ? inner.uploadId : Reflect.get(target, property)),
    });
  };
  return new Proxy(methods, {
    get(target, property) {
      if (property === "createMultipartUpload") {
        return async (key: string, options?: R2MultipartOptions) => {
          const made: { upload?: R2MultipartUpload } = {};
          await around(`${name}.createMultipartUpload`, async () => {
            made.upload = await bucket.createMultipartUpload(key, options);
          });
          if (made.upload === undefined) throw new Error("an upload that was made is there");
          return upload(made.upload);
        };
      }
      if (property === "resumeMultipartUpload") {
        return (key: string, uploadId: string) => upload(bucket.resumeMultipartUpload(key, uploadId));
      }
      return Reflect.get(target, property);
    },
  });
}

function faultyObjects<Class extends Rpc.DurableObjectBranded>(
  namespace: DurableObjectNamespace<Class>,
  name: string,
  around: Around,
): DurableObjectNamespace<Class> {
  return new Proxy(namespace, {
    get(target, property) {
      if (property === "getByName") return (id: string) => faultyMethods(target.getByName(id), name, around);
      const value: unknown = Reflect.get(target, property);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
