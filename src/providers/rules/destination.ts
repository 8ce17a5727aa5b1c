import type { ErrorKind, ProviderName } from "../contract.ts";
import { settingNameOf } from "./settings.ts";

/** What a caller gives to reach a provider, and what the provider's dialect allows. */
export interface Approach {
  provider: ProviderName;
  apiKey: string;
  baseUrl: string | null;
  /** `null` when the provider has no address of its own. */
  defaultBaseUrl: string | null;
  keyIsOptional: boolean;
}

/** Where a call goes, without a slash at the end, or why it cannot even be sent. */
export type Destination = { baseUrl: string; obstacle: null } | { obstacle: { kind: ErrorKind; message: string } };

/**
 * Checks key and address before an SDK sees them: it would fail on the same faults, some of them with a text that
 * holds the key.
 */
export function destinationOf({ provider, apiKey, baseUrl, defaultBaseUrl, keyIsOptional }: Approach): Destination {
  const address = baseUrl ?? defaultBaseUrl;
  const setting = settingNameOf(provider);
  if (address === null) {
    return refused(
      "invalid_request",
      `${provider} has no address of its own. Set OPENAI_COMPATIBLE_BASE_URL, or store a credential with a base URL.`,
    );
  }
  if (!isAddress(address)) {
    return refused(
      "invalid_request",
      `The base URL for ${provider} cannot be used. Give an http or https address without a user name, query or fragment.`,
    );
  }
  if (apiKey === "" && !keyIsOptional) {
    return refused("auth", `There is no key for ${provider}. Set ${setting}, or store a credential.`);
  }
  if (!/^[\x21-\x7e]*$/.test(apiKey)) {
    return refused(
      "auth",
      `The key for ${provider} holds a space, a line break or a letter that no key has. Paste it again into ${setting} or the credential.`,
    );
  }
  return { baseUrl: address.replace(/\/+$/, ""), obstacle: null };
}

function refused(kind: ErrorKind, message: string): Destination {
  return { obstacle: { kind, message } };
}

function isAddress(text: string): boolean {
  const url = URL.parse(text);
  if (url === null) return false;
  const isWeb = url.protocol === "https:" || url.protocol === "http:";
  return isWeb && url.username === "" && url.password === "" && url.search === "" && url.hash === "";
}
