import { DomainError } from "../core/errors.ts";
import { createRouter } from "../http/app.ts";
import { authorize } from "../http/authorize.ts";
import { refuseForeignUpgrade } from "../http/same-site.ts";
import { WATCHER_HEADER, type Watcher } from "./live-feed.ts";

/** The upgrade to the workspace's live feed. Not in the OpenAPI document as a JSON route, since it answers 101. */
export const liveRoutes = createRouter().get("/live", async (c) => {
  const { workspaceId, userId, role, via } = await authorize(c, "workspace.read");
  if (via.kind === "session") refuseForeignUpgrade(c);
  if (c.req.header("Upgrade")?.toLowerCase() !== "websocket") {
    throw new DomainError("websocket_required", "This address speaks WebSocket. Connect with `new WebSocket(...)`.");
  }
  const watcher: Watcher = { workspaceId, userId, role, via };
  const headers = new Headers(c.req.raw.headers);
  headers.set(WATCHER_HEADER, JSON.stringify(watcher));
  return c.env.LIVE_FEED.getByName(workspaceId).fetch(new Request(c.req.raw, { headers }));
});
