import { createServer } from "node:net";

/** Throws with advice when nothing can listen on 127.0.0.1:`port`. 0 always can. */
export async function requireFreePort(port: number): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(new Error(advice(port, error))));
    server.listen(port, "127.0.0.1", resolve);
  });
  await new Promise((resolve) => server.close(resolve));
}

function advice(port: number, error: Error): string {
  const taken = "code" in error && error.code === "EADDRINUSE";
  const reason = taken ? "is taken by another process" : `cannot be opened (${error.message})`;
  return `Port ${port} ${reason}. Set PORT to another one, or to 0 for any free one: PORT=0 npm start`;
}
