import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { withoutSignalHandlers } from "./signals.ts";

export type LocalDatabase = Awaited<ReturnType<Miniflare["getD1Database"]>>;

/** Works on the local database of an id, straight on its files: nothing may serve them meanwhile. */
export async function onDatabase<Result>(
  databaseId: string,
  persistDir: string,
  work: (database: LocalDatabase) => Promise<Result>,
): Promise<Result> {
  const miniflare = withoutSignalHandlers(
    () =>
      new Miniflare(
        convertV4MiniflareOptions({
          host: "127.0.0.1",
          port: 0,
          cf: false,
          telemetry: { enabled: false },
          resourcePersistencePath: persistDir,
          workers: [
            {
              name: "database",
              modules: [{ type: "ESModule", path: "database.js", contents: "export default {}" }],
              compatibilityDate: "2026-11-01",
              d1Databases: { DB: { id: databaseId } },
            },
          ],
        }),
      ),
  );
  try {
    return await work(await miniflare.getD1Database("DB"));
  } finally {
    await miniflare.dispose();
  }
}
