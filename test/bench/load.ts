import { Agent, get } from "node:http";

/** Asks for `url` over some kept connections, each again as soon as it is answered. Throws on any status but 200. */
export async function requestsPerSecond(url: string, connections: number, forMs: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const beganAt = performance.now();
  let answered = 0;
  const connection = async () => {
    while (performance.now() - beganAt < forMs) {
      await getOnce(url, agent);
      answered += 1;
    }
  };
  try {
    await Promise.all(Array.from({ length: connections }, connection));
    return (answered * 1_000) / (performance.now() - beganAt);
  } finally {
    agent.destroy();
  }
}

function getOnce(url: string, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`${url} answered ${response.statusCode}`));
      response.on("end", resolve);
      response.on("error", reject);
      response.resume();
    }).on("error", reject);
  });
}
