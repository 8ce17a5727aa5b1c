import { isLoopback, whyNotPublic } from "../../core/public-host.ts";

export const MAX_BASE_URL_LENGTH = 500;

/** A base URL in its normal form, without a slash at its end; or what is wrong with it, for the person who gave it. */
export type BaseUrlVerdict = { ok: true; baseUrl: string } | { ok: false; reason: string };

/**
 * Judges the address that a workspace's key would be sent to. It has to be https to a public name or a globally
 * routable address, so that nobody makes this installation call its own network.
 *
 * @param allowLocal also lets through loopback, over http or https: a model server on the same machine
 */
export function checkBaseUrl(text: string, { allowLocal }: { allowLocal: boolean }): BaseUrlVerdict {
  // The parser drops line breaks, reads a backslash as a slash and mends missing ones: nobody means to write those.
  if (!/^https?:\/\/[^/]/i.test(text) || /[\s\p{C}\\]/u.test(text)) return refused("not an https address");
  if (/[?#]/.test(text)) return refused("has a query or a fragment: give the address that paths are added to");
  const url = URL.parse(text);
  if (url === null) return refused("not an address that can be read");
  if (url.href.length > MAX_BASE_URL_LENGTH) return refused(`longer than ${MAX_BASE_URL_LENGTH} characters`);
  if (/^https?:\/\/[^/]*@/i.test(text)) return refused("holds a user name or password: the key goes into apiKey");
  if (url.port === "0") return refused("port 0 cannot be called");

  const loopback = isLoopback(url.hostname);
  if (!(allowLocal && loopback)) {
    if (url.protocol !== "https:") return refused("not https: the key would travel readable");
    const reason = loopback
      ? "this machine itself: that needs ALLOW_LOCAL_PROVIDERS=true, which npm start sets"
      : whyNotPublic(url.hostname);
    if (reason !== null) return refused(reason);
  }
  return { ok: true, baseUrl: url.href.replace(/\/+$/, "") };
}

function refused(reason: string): BaseUrlVerdict {
  return { ok: false, reason };
}
