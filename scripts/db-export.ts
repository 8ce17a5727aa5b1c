import { appendFileSync, existsSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { accountStep } from "./deploy/account.ts";
import { ENVIRONMENTS } from "./deploy/environments.ts";
import { dropStatements, fullTextParts, rebuildStatements } from "./deploy/full-text.ts";
import { sayFault } from "./deploy/say-fault.ts";
import { StepFailed, wrangler } from "./deploy/wrangler.ts";

/**
 * Writes a deployed database to a file of SQL: `npm run db:export -- [--env production] [--output FILE]`. D1 refuses to
 * export a database with virtual tables, so that the full-text indexes are dropped meanwhile and made again afterwards,
 * also when the export fails. For that time agents are given no knowledge and nobody can search it; what is added is
 * found once the index is back. The file makes the indexes, too. It opens in sqlite3 and is no way back into D1, which
 * refuses statements over 100 KB: rows may be larger. The way back is D1's Time Travel.
 */
const USAGE = "npm run db:export -- [--env production|staging] [--output FILE]";

try {
  const { values } = parseArgs({ options: { env: { type: "string" }, output: { type: "string" } } });
  const environment = ENVIRONMENTS.find((name) => name === (values.env ?? "production"));
  if (environment === undefined) throw new StepFailed(`There is no environment ${values.env}.`, USAGE);
  const output = resolve(values.output ?? `swarm-${environment}.sql`);
  const rebuild = `${output}.rebuild.sql`;
  const database = ["DB", "--remote", "--env", environment];
  const restore = ["d1", "execute", ...database, "--yes", "--file", rebuild];
  const byHand = `npx wrangler ${restore.join(" ")}`;
  if (existsSync(rebuild)) {
    throw new StepFailed("An earlier export did not bring back the full-text index.", `${byHand} && rm ${rebuild}`);
  }
  console.log(`Exporting from ${await accountStep().run()}`);
  const parts = await fullTextParts(environment);
  // Written before anything is dropped: whatever happens to this process, what it takes to go back lies there.
  writeFileSync(rebuild, rebuildStatements(parts));
  try {
    if (parts.length > 0) await wrangler(["d1", "execute", ...database, "--yes", "--command", dropStatements(parts)]);
    await wrangler(["d1", "export", ...database, "--output", output]);
  } finally {
    if (parts.length > 0) await wrangler(restore);
    rmSync(rebuild);
  }
  appendFileSync(output, rebuildStatements(parts));
  console.log(`The database of ${environment} is in ${output}.`);
} catch (error) {
  sayFault(error, USAGE);
}
