import { createServer, type IncomingMessage } from "node:http";
import { z } from "zod";

/** An account at a stand-in for Cloudflare's API, which the real wrangler is sent to by `CLOUDFLARE_API_BASE_URL`. */
export interface Cloudflare {
  url: string;
  /** What was changed, in order: `PUT /workers/scripts/swarm/schedules`. */
  changes: string[];
  /** Requests that it does not know. */
  unknown: string[];
  databases: Set<string>;
  queues: Map<string, string | null>;
  buckets: Map<string, unknown>;
  /** The names of secrets, by Worker. */
  workers: Map<string, string[]>;
  /** Production branches, by project. */
  projects: Map<string, string>;
  /** The service that each deployment to Pages is bound to, behind its branch. */
  pages: string[];
  close(): void;
}

const ACCOUNT = "acc0000000000000000000000000000a";
const named = z.looseObject({ name: z.string() });
const JWT = `e30.${Buffer.from(JSON.stringify({ exp: 4e9 })).toString("base64url")}.x`;

/** Starts it. Answers have the shape of Cloudflare's documentation, as far as wrangler reads them. */
export async function startCloudflare(): Promise<Cloudflare> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const answer = answerOf(cloudflare, request, Buffer.concat(chunks).toString("latin1"));
    response.writeHead(answer.status, { "Content-Type": "application/json" }).end(JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = z.object({ port: z.number() }).parse(server.address());
  const cloudflare: Cloudflare = {
    url: `http://127.0.0.1:${port}`,
    changes: [],
    unknown: [],
    databases: new Set(),
    queues: new Map(),
    buckets: new Map(),
    workers: new Map(),
    projects: new Map(),
    pages: [],
    close: () => server.close(),
  };
  return cloudflare;
}

interface Answer {
  status: number;
  body: object;
}

type Handler = (found: RegExpExecArray, body: string, query: URLSearchParams) => Answer;

const done = (result: unknown, count = 1): Answer => ({
  status: 200,
  body: {
    ...{ success: true, errors: [], messages: [], result },
    result_info: { page: 1, per_page: 100, count, total_count: count, total_pages: 1 },
  },
});
const refused = (status: number, code: number, message: string): Answer => ({
  status,
  body: { success: false, errors: [{ code, message }], messages: [], result: null },
});
const json = (body: string): unknown => JSON.parse(body);

function answerOf(cloudflare: Cloudflare, { method, url = "" }: IncomingMessage, body: string): Answer {
  const { pathname, searchParams } = new URL(url, cloudflare.url);
  if (pathname.endsWith("/api/health")) return { status: 200, body: { status: "ok", unclaimed: true } };
  const line = `${method} ${pathname.replace("/client/v4", "").replace(`/accounts/${ACCOUNT}/`, "/")}`;
  if (method !== "GET") cloudflare.changes.push(line);
  for (const [pattern, handler] of handlersOf(cloudflare)) {
    const found = pattern.exec(line);
    if (found) return handler(found, body, searchParams);
  }
  cloudflare.unknown.push(line);
  return refused(404, 7003, `Could not route to ${line}`);
}

function handlersOf(cloudflare: Cloudflare): [RegExp, Handler][] {
  const { url, databases, queues, buckets, workers, projects, pages } = cloudflare;
  const queue = (name: string) => ({
    ...{ queue_id: name, queue_name: name, created_on: "", modified_on: "", producers: [], producers_total_count: 0 },
    consumers: queues.get(name) ? [{ type: "worker", script: queues.get(name) }] : [],
    consumers_total_count: queues.get(name) ? 1 : 0,
  });
  const project = (name: string) => ({
    ...{ name, subdomain: `${name}.pages.dev`, domains: [], created_on: "2026-01-01T00:00:00Z" },
    ...{ production_branch: projects.get(name), deployment_configs: { preview: {}, production: {} } },
  });
  const deployment = (branch: string, name: string) => ({
    ...{ id: "d", url: `${url}/pages`, project_name: name, aliases: null, production_branch: projects.get(name) },
    environment: branch === projects.get(name) ? "production" : "preview",
    latest_stage: { name: "deploy", status: "success" },
    deployment_trigger: { metadata: { commit_hash: "c" } },
  });
  return [
    [/^GET \/user\/tokens\/verify$/, () => done({ id: "t" })],
    [/^GET \/user$/, () => refused(403, 9109, "Unauthorized to access requested resource")],
    [/^GET \/accounts$/, () => done([{ id: ACCOUNT, name: "Acme" }])],
    [/^GET \/memberships$/, () => done([{ id: "m", account: { id: ACCOUNT, name: "Acme" } }])],
    [/^POST \/graphql$/, () => ({ status: 200, body: { data: null, errors: [{ message: "not authorized" }] } })],

    [/^GET \/d1\/database$/, () => done([...databases].map((name) => ({ uuid: name, name })))],
    [
      /^POST \/d1\/database$/,
      (_, body) => {
        const { name } = named.parse(json(body));
        databases.add(name);
        return done({ uuid: name, name });
      },
    ],
    [/^GET \/d1\/database\/([^/]+)$/, ([, name = ""]) => done({ uuid: name, name })],
    [
      /^POST \/d1\/database\/[^/]+\/query$/,
      (_, body) => {
        const results = body.includes("AS sealed") ? [{ sealed: 0, owned: 0 }] : [];
        return done([{ results, success: true, meta: { duration: 1 } }]);
      },
    ],

    [
      /^GET \/queues$/,
      (_, __, query) => {
        const found = query.getAll("name").filter((name) => queues.has(name));
        return done(found.map(queue), found.length);
      },
    ],
    [
      /^POST \/queues$/,
      (_, body) => {
        const { queue_name: name } = z.looseObject({ queue_name: z.string() }).parse(json(body));
        queues.set(name, null);
        return done(queue(name));
      },
    ],
    [
      /^POST \/queues\/([^/]+)\/consumers$/,
      ([, name = ""], body) => {
        queues.set(name, z.looseObject({ script_name: z.string() }).parse(json(body)).script_name);
        return done({});
      },
    ],

    [
      /^GET \/r2\/buckets\/([^/]+)(\/lifecycle)?$/,
      ([, name = "", rules]) => {
        if (!buckets.has(name)) return refused(404, 10006, "The specified bucket does not exist.");
        return done(rules ? { rules: buckets.get(name) } : { name, creation_date: "2026-01-01T00:00:00Z" });
      },
    ],
    [
      /^POST \/r2\/buckets$/,
      (_, body) => {
        buckets.set(named.parse(json(body)).name, []);
        return done({});
      },
    ],
    [
      /^PUT \/r2\/buckets\/([^/]+)\/lifecycle$/,
      ([, name = ""], body) => {
        buckets.set(name, z.looseObject({ rules: z.unknown() }).parse(json(body)).rules);
        return done({});
      },
    ],

    [/^GET \/workers\/subdomain$/, () => done({ subdomain: "acme" })],
    [/^GET \/workers\/scripts$/, () => done([...workers.keys()].map((id) => ({ id })))],
    [
      /^(GET|PATCH) \/workers\/scripts\/([^/]+)\/secrets(-bulk)?$/,
      ([, method, name = ""], body) => {
        const secrets = workers.get(name);
        if (!secrets) return refused(404, 10007, "This Worker does not exist on your account.");
        if (method === "GET") return done(secrets.map((each) => ({ name: each, type: "secret_text" })));
        secrets.push(
          ...Object.keys(z.object({ secrets: z.record(z.string(), z.unknown()) }).parse(json(body)).secrets),
        );
        return done({});
      },
    ],
    [
      /^PUT \/workers\/scripts\/([^/]+)$/,
      ([, name = ""]) => {
        if (!workers.has(name)) workers.set(name, []);
        return done({ id: name, etag: "e", deployment_id: "0".repeat(32), startup_time_ms: 1 });
      },
    ],
    [
      /^GET \/workers\/services\/([^/]+)$/,
      () => done({ default_environment: { environment: "production", script: { tag: "t", tags: [] } } }),
    ],
    [/^GET \/workers\/scripts\/[^/]+\/settings$/, () => done({ bindings: [] })],
    [/^GET \/workers\/scripts\/[^/]+\/deployments$/, () => done({ deployments: [] })],
    [/^GET \/workers\/workers\/[^/]+$/, () => done({ subdomain: { enabled: false, previews_enabled: false } })],
    [/^POST \/workers\/scripts\/[^/]+\/assets-upload-session$/, () => done({ jwt: JWT, buckets: [] })],
    [/^(POST|PUT|PATCH) \/workers\/scripts\/[^/]+\/(subdomain|schedules|script-settings)$/, () => done({})],

    [/^GET \/pages\/projects$/, () => done([...projects.keys()].map(project))],
    [
      /^POST \/pages\/projects$/,
      (_, body) => {
        const made = z.looseObject({ name: z.string(), production_branch: z.string() }).parse(json(body));
        projects.set(made.name, made.production_branch);
        return done(project(made.name));
      },
    ],
    [/^GET \/pages\/projects\/([^/]+)$/, ([, name = ""]) => done(project(name))],
    [/^GET \/pages\/projects\/[^/]+\/upload-token$/, () => done({ jwt: JWT })],
    [/^POST \/pages\/assets\/check-missing$/, () => done([])],
    [/^POST \/pages\/assets\//, () => done(null)],
    [
      /^POST \/pages\/projects\/([^/]+)\/deployments$/,
      ([, name = ""], body) => {
        const branch = /name="branch"\r\n\r\n(.*)\r\n/.exec(body)?.[1] ?? "";
        pages.push(`${branch}: ${/"service":"([^"]+)"/.exec(body)?.[1]}`);
        return done(deployment(branch, name));
      },
    ],
    [/^GET \/pages\/projects\/([^/]+)\/deployments\/d$/, ([, name = ""]) => done(deployment("", name))],
  ];
}
