interface Env {
  /** The Worker that is the API: the project's service binding. */
  API: Fetcher;
}

/**
 * Passes everything under /api from the Pages project to the Worker, untouched: method, body, cookies, WebSocket
 * upgrades and streams. The browser therefore knows one origin, and the session's cookie stays a first-party one.
 */
export const onRequest: PagesFunction<Env> = ({ request, env }) => env.API.fetch(request);
