import { createRoute } from "@hono/zod-openapi";
import { DomainError } from "../core/errors.ts";
import { createRouter } from "../http/app.ts";
import { authorize } from "../http/authorize.ts";
import { refuseForeignUpgrade } from "../http/same-site.ts";
import { WATCHER_HEADER, type Watcher } from "./live-feed.ts";

const live = createRoute({
  method: "get",
  path: "/live",
  tags: ["Executions"],
  summary: "What happens in the workspace, as it happens, over a WebSocket",
  responses: { 101: { description: "Each message is a JSON object with a type" } },
});

/** The upgrade to the workspace's live feed. */
export const liveRoutes = createRouter().openapi(live, async (c) => {
  const { workspaceId, userId, role, via } = await authorize(c, "workspace.read");
  if (via.kind === "session") refuseForeignUpgrade(c);
  if (c.req.header("Upgrade")?.toLowerCase() !== "websocket") {
    // A 426 must say what to upgrade to (RFC 9110, 15.5.22).
    c.header("Upgrade", "websocket");
    throw new DomainError("websocket_required", "This address speaks WebSocket. Connect with `new WebSocket(...)`.");
  }
  const watcher: Watcher = { workspaceId, userId, role, via };
  const headers = new Headers(c.req.raw.headers);
  headers.set(WATCHER_HEADER, JSON.stringify(watcher));
  return c.env.LIVE_FEED.getByName(workspaceId).fetch(new Request(c.req.raw, { headers }));
});
