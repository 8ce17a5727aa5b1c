import { isLoopback, whyNotPublic } from "../../core/public-host.ts";

export const MAX_WEBHOOK_URL_LENGTH = 1_000;

/** An address in its normal form, or what is wrong with it, for the person who gave it. */
export type WebhookAddress = { ok: true; url: string } | { ok: false; reason: string };

/**
 * Judges the address that alerts are sent to. It has to be https to a public name or a globally routable address, so
 * that nobody makes this installation call its own network.
 *
 * @param allowLocal also lets through loopback, over http or https
 */
export function checkWebhookUrl(text: string, { allowLocal }: { allowLocal: boolean }): WebhookAddress {
  // The parser drops line breaks, reads a backslash as a slash and mends missing ones: nobody means to write those.
  if (!/^https?:\/\/[^/]/i.test(text) || /[\s\p{C}\\]/u.test(text)) return refused("not an https address");
  const url = URL.parse(text);
  if (url === null) return refused("not an address that can be read");
  if (url.href.length > MAX_WEBHOOK_URL_LENGTH) return refused(`longer than ${MAX_WEBHOOK_URL_LENGTH} characters`);
  if (/^https?:\/\/[^/?#]*@/i.test(text)) return refused("holds a user name or password: leave them out");
  if (url.hash !== "") return refused("has a fragment, which is never sent: leave it out");
  if (url.port === "0") return refused("port 0 cannot be called");
  const loopback = isLoopback(url.hostname);
  if (allowLocal && loopback) return { ok: true, url: url.href };
  if (url.protocol !== "https:") return refused("not https: what is sent would travel readable");
  const reason = loopback ? "this machine itself: that needs ALLOW_LOCAL_PROVIDERS=true" : whyNotPublic(url.hostname);
  return reason === null ? { ok: true, url: url.href } : refused(reason);
}

function refused(reason: string): WebhookAddress {
  return { ok: false, reason };
}
