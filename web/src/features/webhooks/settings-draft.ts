import type { Webhook, WebhookChange } from "./queries.ts";

/** What the form of settings holds: numbers are texts while they are typed. */
export interface SettingsDraft {
  /** One a line. */
  addresses: string;
  limit: string;
  windowSeconds: string;
  rotateAfterDays: string;
  version: string;
}

/** What the form shows of a webhook. */
export function settingsDraft({ ipWhitelist, rateLimit, rotateAfterDays, version }: Webhook): SettingsDraft {
  return {
    addresses: ipWhitelist.join("\n"),
    limit: String(rateLimit.limit),
    windowSeconds: String(rateLimit.windowSeconds),
    rotateAfterDays: rotateAfterDays === null ? "" : String(rotateAfterDays),
    version: version === null ? "" : String(version),
  };
}

/** The change that saves the form. What is no number goes as it is, for the server to say so at its field. */
export function settingsBody(draft: SettingsDraft): WebhookChange {
  const version = draft.version.trim();
  const days = draft.rotateAfterDays.trim();
  return {
    ipWhitelist: linesOf(draft.addresses),
    rateLimit: { limit: Number(draft.limit), windowSeconds: Number(draft.windowSeconds) },
    rotateAfterDays: days === "" ? null : Number(days),
    version: version === "" ? null : /^\d+$/.test(version) ? Number(version) : version,
  };
}

/** What is wrong with the addresses, each told by what was typed. */
export function allowlistFault(
  details: readonly { path: string; message: string }[],
  addresses: string,
): string | undefined {
  const lines = linesOf(addresses);
  const faults = details.flatMap(({ path, message }) => {
    if (path === "ipWhitelist") return [message];
    const [, place] = /^ipWhitelist\[(\d+)\]$/.exec(path) ?? [];
    return place === undefined ? [] : [`${lines[Number(place)] ?? ""}: ${message}`];
  });
  return faults.length === 0 ? undefined : faults.join(" ");
}

/** Lines and commas part addresses alike: lists are pasted from everywhere. */
function linesOf(text: string): string[] {
  return text
    .split(/[\n,;]/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
}
