#!/usr/bin/env node
// Stands in for wrangler: keeps an account in a file, answers in the real one's words, and writes down each call.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const home = process.env.STAND_IN_HOME;
const accountFile = join(home, "account.json");
const empty = {
  loggedIn: true,
  databases: [],
  queues: [],
  buckets: [],
  rules: [],
  secrets: {},
  workers: [],
  projects: [],
};
const account = existsSync(accountFile) ? { ...empty, ...JSON.parse(readFileSync(accountFile, "utf8")) } : empty;
const args = process.argv.slice(2);
const line = args.join(" ");
const input = /^(versions )?secret bulk/.test(line) ? readFileSync(0, "utf8") : "";
appendFileSync(join(home, "calls"), `${line}\n`);
appendFileSync(join(home, "accounts"), `${process.env.CLOUDFLARE_ACCOUNT_ID ?? ""}\n`);

const say = (text) => process.stdout.write(`${text}\n`);
function refuse(text) {
  process.stderr.write(`\n✘ [ERROR] ${text}\n\n`);
  process.exit(1);
}
const environment = args[args.indexOf("--env") + 1];
const workerName = environment === "production" ? "swarm" : `swarm-${environment}`;

if (process.env.STAND_IN_FAILS && line.startsWith(process.env.STAND_IN_FAILS)) {
  refuse(process.env.STAND_IN_SAYS ?? "A request to the Cloudflare API failed.\n\n  Internal error [code: 10001]");
}
if (!account.loggedIn) {
  say('{\n  "loggedIn": false\n}');
  process.exit(1);
}

const commands = {
  "whoami --json": () => {
    if (account.unlisted)
      refuse("Failed to automatically retrieve account IDs for the logged in user.\nSet CLOUDFLARE_ACCOUNT_ID.");
    say(
      JSON.stringify({
        loggedIn: true,
        authType: "OAuth Token",
        accounts: account.accounts ?? [{ id: "a1", name: "Test" }],
      }),
    );
  },
  "d1 list": () =>
    say(
      JSON.stringify(
        account.databases.map((name) => ({ uuid: `id-of-${name}`, name })),
        null,
        2,
      ),
    ),
  "d1 create": ([name]) => {
    account.databases.push(name);
    say(`✅ Successfully created DB '${name}' in region WEUR\nCreated your new D1 database.\n`);
  },
  "d1 migrations": () => {
    if (!account.databases.includes(workerName)) refuse(`Couldn't find DB with name '${workerName}'`);
    say(account.migrated ? "✅ No migrations to apply!" : "Migrations to be applied:\n│ 0001_idempotency.sql │");
    account.migrated = true;
  },
  "d1 execute": () => {
    const sql = args.includes("--file")
      ? readFileSync(args[args.indexOf("--file") + 1], "utf8")
      : args[args.indexOf("--command") + 1];
    if (sql.startsWith("SELECT EXISTS")) {
      if (account.withoutTables) refuse("no such table: credentials: SQLITE_ERROR");
      return say(
        JSON.stringify([
          { results: [{ sealed: account.sealed ? 1 : 0, owned: account.owned ? 1 : 0 }], success: true },
        ]),
      );
    }
    if (sql.startsWith("DROP")) account.indexed = false;
    if (sql.startsWith("CREATE")) account.indexed = true;
    const parts = [
      { type: "table", name: "texts_fts", sql: "CREATE VIRTUAL TABLE texts_fts USING fts5(content)" },
      {
        type: "trigger",
        name: "texts_added",
        sql: "CREATE TRIGGER texts_added AFTER INSERT ON texts BEGIN SELECT 1; END",
      },
    ];
    if (args.includes("--json")) say(JSON.stringify([{ results: account.indexed ? parts : [], success: true }]));
  },
  "d1 export": () => {
    if (account.indexed) refuse("D1 Export error: cannot export databases with Virtual Tables (fts5)");
    writeFileSync(args[args.indexOf("--output") + 1], "CREATE TABLE texts (content TEXT);\n");
  },
  "queues info": ([name]) => {
    const queue = account.queues.find((each) => each.name === name);
    if (!queue) refuse(`Queue "${name}" does not exist. To create it, run: wrangler queues create ${name}`);
    say(`Queue Name: ${name}\nQueue ID: q\nNumber of Producers: 0\nNumber of Consumers: ${queue.consumers.length}`);
    if (queue.consumers.length > 0)
      say(`Consumers: ${queue.consumers.map((each) => `worker:${account.consumersAreServices ? undefined : each}`)}`);
  },
  "queues create": ([name]) => {
    account.queues.push({ name, consumers: [] });
    say(`🌀 Creating queue '${name}'\n✅ Created queue '${name}'`);
  },
  "r2 bucket": ([verb, ...rest]) => {
    const name = verb === "lifecycle" ? rest[1] : rest[0];
    const there = account.buckets.includes(name);
    if (verb !== "create" && !there) {
      refuse("A request to the Cloudflare API failed.\n\n  The specified bucket does not exist. [code: 10006]");
    }
    if (verb === "info") return say(JSON.stringify({ name, object_count: "0" }));
    if (verb === "create") return account.buckets.push(name);
    if (rest[0] === "add") return account.rules.push({ name: rest[2], prefix: rest[3] });
    say(`Listing lifecycle rules for bucket '${name}'...`);
    const rules = account.rules.map(
      (rule) =>
        `name:     ${rule.name}\nenabled:  Yes\nprefix:   ${rule.prefix}\naction:   Expire objects after 8 days`,
    );
    say(rules.join("\n\n") || `There are no lifecycle rules for bucket '${name}'.`);
  },
  "secret list": () => {
    if (!account.workers.includes(workerName)) {
      refuse(
        `Worker "${workerName}" (env: ${environment}) not found.\n\nIf this is a new Worker, run \`wrangler deploy\` first to create it.`,
      );
    }
    say(
      JSON.stringify(
        Object.keys(account.secrets).map((name) => ({ name, type: "secret_text" })),
        null,
        "  ",
      ),
    );
  },
  "secret bulk": () => {
    if (account.rolledBack) {
      refuse(
        "Secret edit failed. You attempted to modify a secret, but the latest version of your Worker isn't currently deployed.",
      );
    }
    if (!account.workers.includes(workerName)) account.workers.push(workerName);
    Object.assign(account.secrets, JSON.parse(input));
    say("✨ Successfully created secret for key");
  },
  "versions secret": () => {
    Object.assign(account.secrets, JSON.parse(input));
    say("✨ Success! Created version v2 with 1 secret created and 0 secrets deleted.");
  },
  "deploy --env": () => {
    account.workers = [...new Set([...account.workers, workerName])];
    for (const queue of account.queues) queue.consumers = account.forgetsConsumers ? [] : [workerName];
    const queues = account.queues.map(({ name }) => `  Consumer for ${name}`).join("\n");
    const cron = account.forgetsCron ? "" : "  schedule: * * * * *\n";
    say(
      `Uploaded ${workerName} (2.10 sec)\nDeployed ${workerName} triggers (1.20 sec)\n  ${account.address ?? process.env.STAND_IN_URL}\n${cron}${queues}\nCurrent Version ID: v1`,
    );
  },
  "pages project": ([verb, name]) => {
    if (verb === "create") return account.projects.push(name);
    say(JSON.stringify(account.projects.map((project) => ({ "Project Name": project, "Git Provider": "No" }))));
  },
  "pages deploy": () => {
    const url = `${process.env.STAND_IN_URL}/pages`;
    const branch = account.productionBranch ?? "main";
    const environment = args[args.indexOf("--branch") + 1] === branch ? "production" : "preview";
    const written = { type: "pages-deploy-detailed", version: 1, url, environment, production_branch: branch };
    const line = (each) => `${JSON.stringify(each)}\n`;
    appendFileSync(process.env.WRANGLER_OUTPUT_FILE_PATH, line({ type: "wrangler-session" }) + line(written));
    say(`✨ Deployment complete! Take a peek over at ${url}`);
  },
};

const command = commands[`${args[0]} ${args[1]}`];
if (!command) refuse(`Unknown arguments: ${line}`);
command(args.slice(2));
writeFileSync(accountFile, JSON.stringify(account));
