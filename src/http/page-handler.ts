import type { Env } from "../env.ts";

/**
 * The dashboard's page, for what is neither one of its files nor the API's: it knows its addresses itself. `undefined` for
 * what is the API's. Away from the API's log, since the address of an invitation holds its secret.
 */
export function pageFor(request: Request, { ASSETS }: Pick<Env, "ASSETS">): Promise<Response> | undefined {
  const { pathname } = new URL(request.url);
  if (/^\/api(\/|$)/.test(pathname) || !/^(GET|HEAD)$/.test(request.method)) return;
  return ASSETS.fetch(new Request(new URL("/", request.url), request));
}
