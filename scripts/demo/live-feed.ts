import { z } from "zod";

const eventSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("execution"), executionId: z.string(), status: z.string() }),
  z.object({ type: z.literal("step"), executionId: z.string(), nodeId: z.string(), status: z.string() }),
]);
const anyEventSchema = z.looseObject({ type: z.string() });

/** The events of the feed that the tour shows. */
export type ShownEvent = z.infer<typeof eventSchema>;

/** Watches a workspace's live feed until `close`. Resolves when the feed is open; events reach `onEvent` in order. */
export async function watchLive(
  url: string,
  headers: Record<string, string>,
  onEvent: (event: ShownEvent) => void,
): Promise<{ close(): void }> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/api/live`, { headers });
  socket.addEventListener("message", (message) => {
    const json: unknown = JSON.parse(String(message.data));
    // Other kinds of event are for the dashboard.
    if (!["execution", "step"].includes(anyEventSchema.parse(json).type)) return;
    onEvent(eventSchema.parse(json));
  });
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener("open", () => resolve());
    socket.addEventListener("error", () => reject(new Error("The live feed at /api/live did not open.")));
    socket.addEventListener("close", (event) =>
      reject(new Error(`The live feed closed before it opened (code ${event.code}).`)),
    );
  });
  return { close: () => socket.close() };
}
