/** What an invocation has asked of D1 so far. D1 refuses more than 1,000 queries an invocation. */
export interface DbUsage {
  /** Calls over the network: a batch is one. */
  roundTrips: number;
  /** Statements, each one of a batch counted. */
  queries: number;
  /** Rows that statements looked at, as D1 reports them. `raw()` reports none. */
  rowsRead: number;
  /** Rows written, those of indexes included. */
  rowsWritten: number;
}

/** A D1 binding that adds up in `usage` what is asked of it. Otherwise it behaves like the one it wraps. */
export function metered(binding: D1Database, usage: DbUsage): D1Database {
  const inner = new WeakMap<D1PreparedStatement, D1PreparedStatement>();

  const count = (meta: D1Meta | undefined) => {
    usage.queries += 1;
    usage.rowsRead += meta?.rows_read ?? 0;
    usage.rowsWritten += meta?.rows_written ?? 0;
  };

  const wrap = (statement: D1PreparedStatement): D1PreparedStatement => {
    const wrapper = new Proxy(statement, {
      get(target, property) {
        if (property === "bind") return (...values: unknown[]) => wrap(target.bind(...values));
        const value: unknown = Reflect.get(target, property);
        if (typeof value !== "function") return value;
        return async (...args: unknown[]) => {
          usage.roundTrips += 1;
          const result: unknown = await value.apply(target, args);
          count(metaOf(result));
          return result;
        };
      },
    });
    inner.set(wrapper, statement);
    return wrapper;
  };

  return new Proxy(binding, {
    get(target, property) {
      if (property === "prepare") return (sql: string) => wrap(target.prepare(sql));
      if (property === "batch") {
        return async (statements: D1PreparedStatement[]) => {
          usage.roundTrips += 1;
          const results = await target.batch(statements.map((each) => inner.get(each) ?? each));
          for (const result of results) count(result.meta);
          return results;
        };
      }
      const value: unknown = Reflect.get(target, property);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

function metaOf(result: unknown): D1Meta | undefined {
  return isD1Result(result) ? result.meta : undefined;
}

function isD1Result(value: unknown): value is D1Result {
  return typeof value === "object" && value !== null && !Array.isArray(value) && "meta" in value;
}
