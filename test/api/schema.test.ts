import { env } from "cloudflare:workers";
import { Column, is } from "drizzle-orm";
import { getTableConfig, type Index, SQLiteTable } from "drizzle-orm/sqlite-core";
import { expect, test } from "vitest";
import { z } from "zod";

declare global {
  interface ImportMeta {
    /** Vite's, which the Worker's own types do not know. */
    glob(pattern: string, options: { eager: true }): Record<string, Record<string, unknown>>;
  }
}

const modules = import.meta.glob("../../src/*/schema.ts", { eager: true });
const tables = Object.entries(modules).flatMap(([file, exported]) =>
  Object.values(exported).flatMap((value) =>
    is(value, SQLiteTable) ? [{ file, config: getTableConfig(value), name: getTableConfig(value).name }] : [],
  ),
);

const columnSchema = z.object({ name: z.string(), type: z.string(), notnull: z.number(), pk: z.number() });
const indexSchema = z.object({ name: z.string(), unique: z.number(), origin: z.enum(["c", "u", "pk"]) });
const memberSchema = z.object({ name: z.string() });

async function pragma<Row>(schema: z.ZodType<Row>, call: string): Promise<Row[]> {
  return z.array(schema).parse((await env.DB.prepare(`PRAGMA ${call}`).all()).results);
}

async function columnsOf(index: string): Promise<string[]> {
  return (await pragma(memberSchema, `index_info("${index}")`)).map((column) => column.name);
}

function declaredColumns(index: Index): string[] {
  return index.config.columns.map((column) => (is(column, Column) ? column.name : "an expression"));
}

test("there are tables to compare", () => {
  expect(new Set(tables.map(({ file }) => file)).size).toBeGreaterThanOrEqual(5);
  expect(new Set(tables.map(({ name }) => name)).size).toBe(tables.length);
});

test.each(tables)("$name has the columns in the code that the migrations made", async ({ name, config }) => {
  const made = await pragma(columnSchema, `table_info("${name}")`);
  const asMade = made.map(
    ({ name, type, notnull, pk }) => `${name} ${type} ${notnull === 1 || pk > 0 ? "NOT NULL" : "NULL"}`,
  );
  const asDeclared = config.columns.map(
    (column) =>
      `${column.name} ${column.getSQLType().toUpperCase()} ${column.notNull || column.primary ? "NOT NULL" : "NULL"}`,
  );
  // A query that selects a column which is not there fails; one that the code does not know is never filled.
  expect(asDeclared.toSorted()).toEqual(asMade.toSorted());
});

test.each(tables)("$name has the primary key in the code that the migrations made", async ({ name, config }) => {
  const made = (await pragma(columnSchema, `table_info("${name}")`)).filter((column) => column.pk > 0);
  const single = config.columns.filter((column) => column.primary).map((column) => column.name);
  const composite = config.primaryKeys.flatMap((key) => key.columns.map((column) => column.name));
  expect([...single, ...composite]).toEqual(made.toSorted((a, b) => a.pk - b.pk).map((column) => column.name));
});

test.each(tables)("$name has the indexes in the code that the migrations made", async ({ name, config }) => {
  const indexes = await pragma(indexSchema, `index_list("${name}")`);
  const made: string[] = [];
  for (const index of indexes.filter(({ origin }) => origin !== "pk")) {
    const columns = (await columnsOf(index.name)).join(", ");
    made.push(
      index.origin === "c" ? `${index.name} (${columns})${index.unique === 1 ? " unique" : ""}` : `unique (${columns})`,
    );
  }
  const declared = [
    ...config.indexes.map(
      (index) => `${index.config.name} (${declaredColumns(index).join(", ")})${index.config.unique ? " unique" : ""}`,
    ),
    ...config.uniqueConstraints.map(({ columns }) => `unique (${columns.map((column) => column.name).join(", ")})`),
    ...config.columns.filter((column) => column.isUnique).map((column) => `unique (${column.name})`),
  ];
  expect(declared.toSorted()).toEqual(made.toSorted());
});
