import { Agent, get, request } from "node:http";

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

/** What came of calls under load. */
export interface Load {
  perSecond: number;
  /** Milliseconds of each call, in no order. */
  latencies: number[];
}

/**
 * Posts a body over some kept connections, each again as soon as it is answered, to one address after the other.
 * Throws on any status but 202.
 */
export async function postUnderLoad(
  urls: readonly string[],
  body: string,
  connections: number,
  forMs: number,
): Promise<Load> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const beganAt = performance.now();
  const latencies: number[] = [];
  let next = 0;
  const connection = async () => {
    while (performance.now() - beganAt < forMs) {
      const url = urls[next % urls.length] ?? "";
      next += 1;
      const askedAt = performance.now();
      await postOnce(url, body, agent);
      latencies.push(performance.now() - askedAt);
    }
  };
  try {
    await Promise.all(Array.from({ length: connections }, connection));
    return { perSecond: (latencies.length * 1_000) / (performance.now() - beganAt), latencies };
  } finally {
    agent.destroy();
  }
}

function postOnce(url: string, body: string, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) };
    const sent = request(url, { agent, method: "POST", headers }, (response) => {
      if (response.statusCode !== 202) reject(new Error(`${url} answered ${response.statusCode}`));
      response.on("end", resolve);
      response.on("error", reject);
      response.resume();
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
