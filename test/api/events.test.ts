import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { openDb } from "../../src/db/client.ts";
import { type NewEvent, pruneEvents, recordEvent } from "../../src/events/index.ts";
import type { EventView } from "../../src/events/inputs.ts";
import { type Account, joinAs, signUp } from "../worker/accounts.ts";

interface Page {
  items: EventView[];
  nextCursor: string | null;
}

const DAY = 86_400_000;
const NOON = Date.parse("2026-03-10T12:00:00.000Z");

let owner: Account;
let viewer: Account;
let stranger: Account;

const db = () => openDb(env.DB);
const idOf = (n: number) => `01900000-0000-7000-8000-${String(n).padStart(12, "0")}`;

function event(n: number, over: Partial<NewEvent> = {}): NewEvent {
  return {
    workspaceId: owner.workspaceId,
    id: idOf(n),
    key: null,
    type: "budget_alert",
    level: "warn",
    message: `event ${n}`,
    data: { budgetId: "b1", percent: 80 },
    at: NOON + n,
    ...over,
  };
}

const idsOf = async (who: Account, query = "") =>
  (await who.send<Page>("GET", `/api/events${query}`)).body.items.map(({ id }) => id);

beforeAll(async () => {
  owner = await signUp("Ella");
  stranger = await signUp("Otto");
  viewer = await joinAs(owner, "viewer");
  const rows = [
    event(1),
    event(2, { type: "schedule_paused", level: "error", key: "paused/s1/1" }),
    event(3, { type: "secret_rotated", at: NOON + DAY }),
    event(4, { workspaceId: stranger.workspaceId, key: "paused/s1/1" }),
  ];
  await env.DB.batch(rows.map((row) => recordEvent(db(), row)));
});

describe("events", () => {
  test("come newest first with what is known of each, for everybody of the workspace and nobody else", async () => {
    expect(await idsOf(viewer)).toEqual([3, 2, 1].map(idOf));
    expect(await idsOf(stranger)).toEqual([idOf(4)]);
    const { body } = await viewer.send<Page>("GET", "/api/events?type=budget_alert");
    expect(body.items).toEqual([
      {
        id: idOf(1),
        type: "budget_alert",
        level: "warn",
        message: "event 1",
        data: { budgetId: "b1", percent: 80 },
        at: "2026-03-10T12:00:00.001Z",
      },
    ]);
  });

  test("are found by the time, a last day included whole", async () => {
    expect(await idsOf(owner, "?to=2026-03-10")).toEqual([2, 1].map(idOf));
    expect(await idsOf(owner, "?from=2026-03-11")).toEqual([idOf(3)]);
    expect(await idsOf(owner, "?from=2026-03-10T12:00:00.002Z&to=2026-03-10T12:00:00.002Z")).toEqual([idOf(2)]);
  });

  test("come in pages that lose none", async () => {
    const first = await owner.send<Page>("GET", "/api/events?limit=2");
    expect(first.body.items.map(({ id }) => id)).toEqual([3, 2].map(idOf));
    expect(await idsOf(owner, `?limit=2&cursor=${first.body.nextCursor}`)).toEqual([idOf(1)]);
  });

  test.each(["type=gossip", "from=yesterday", "to=2026-13-01", "limit=0", "cursor=%00"])(
    "refuse ?%s",
    async (query) => {
      const { status, body } = await owner.send<{ error: { code: string } }>("GET", `/api/events?${query}`);
      expect([status, body.error.code]).toEqual([422, "invalid_fields"]);
    },
  );

  test("of the same key are told once, and each workspace has keys of its own", async () => {
    await recordEvent(db(), event(9, { key: "paused/s1/1" })).run();
    expect(await idsOf(owner)).not.toContain(idOf(9));
    expect(await idsOf(stranger)).toEqual([idOf(4)]);
  });

  test("of long ago are removed, the oldest first and no more than asked for at once", async () => {
    const old = [20, 21, 22].map((n) => event(n, { at: NOON - 500 * DAY + n }));
    await env.DB.batch(old.map((row) => recordEvent(db(), row)));
    await pruneEvents(db(), NOON, 2);
    const left = await idsOf(owner);
    expect(left).toContain(idOf(22));
    expect(left).not.toContain(idOf(20));
    await pruneEvents(db(), NOON, 2);
    expect(await idsOf(owner)).toEqual([3, 2, 1].map(idOf));
  });
});
