import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { startTestInstance } from "../../support/instance.ts";
import { compared, type Figures, repeat } from "../figure.ts";
import { requestsPerSecond } from "../load.ts";

const CONNECTIONS = 16;
const ROUND_MS = 1_500;
const ROUNDS = 5;

const BARE = `export default { fetch: () => Response.json({ status: "ok" }) };`;

/** How many requests a second the Worker answers with one D1 query each. The control is a Worker that does nothing. */
export async function health(): Promise<Figures> {
  const swarm = await startTestInstance();
  const bare = new Miniflare(
    convertV4MiniflareOptions({
      host: "127.0.0.1",
      port: 0,
      cf: false,
      telemetry: { enabled: false },
      workers: [
        {
          name: "bare",
          modules: [{ type: "ESModule", path: "bare.js", contents: BARE }],
          compatibilityDate: "2026-11-01",
        },
      ],
    }),
  );
  try {
    const bareUrl = await bare.ready;
    const measure = async () => ({
      value: await requestsPerSecond(`${swarm.url}/api/health`, CONNECTIONS, ROUND_MS),
      control: await requestsPerSecond(bareUrl.href, CONNECTIONS, ROUND_MS),
    });
    await measure();
    return { "health.requests_per_second": compared(await repeat(ROUNDS, measure), "requests a second") };
  } finally {
    await bare.dispose();
    await swarm.stop();
  }
}
