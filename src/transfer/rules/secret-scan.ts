import { privateKeysIn } from "./private-keys.ts";

/** What a text was found to hold. */
export type SecretKind =
  | "openai_key"
  | "anthropic_key"
  | "google_key"
  | "github_token"
  | "aws_access_key"
  | "slack_token"
  | "stripe_key"
  | "webhook_secret"
  | "swarm_key"
  | "json_web_token"
  | "private_key"
  | "provider_key"
  | "service_token"
  | "url_credentials"
  | "basic_credentials"
  | "bearer_token"
  | "assigned_secret";

/** A part of a text that looks like a secret: from `start` to before `end`, in UTF-16 units. */
export interface Sighting {
  kind: SecretKind;
  start: number;
  end: number;
}

interface Shape {
  kind: SecretKind;
  /** Global. Every repetition is bounded or begins where no other can, so that a long text takes no longer than its length. */
  pattern: RegExp;
  /** What of a match must hold beside the pattern. The last group is the secret itself; without groups the whole match. */
  accept?: (secret: string) => boolean;
}

const SHAPES: readonly Shape[] = [
  { kind: "anthropic_key", pattern: /\bsk-ant-[A-Za-z0-9_-]{16,300}/g },
  { kind: "openai_key", pattern: /\bsk-(?!ant-)[A-Za-z0-9_-]{20,300}/g, accept: isNoPhrase },
  { kind: "google_key", pattern: /\bAIza[A-Za-z0-9_-]{35}/g },
  { kind: "github_token", pattern: /\b(?:gh[opsur]_[A-Za-z0-9]{30,255}|github_pat_[A-Za-z0-9_]{22,255})/g },
  { kind: "aws_access_key", pattern: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g },
  {
    kind: "slack_token",
    pattern:
      /\bxox[abeoprs]-[A-Za-z0-9-]{10,250}|\bhooks\.slack\.com\/services\/[A-Za-z0-9]{5,20}\/[A-Za-z0-9]{5,20}\/[A-Za-z0-9]{10,50}/g,
  },
  { kind: "stripe_key", pattern: /\b[rs]k_(?:live|test)_[A-Za-z0-9]{10,250}/g },
  { kind: "webhook_secret", pattern: /\bwhsec_[A-Za-z0-9+/=_-]{16,250}/g },
  { kind: "swarm_key", pattern: /\bswarm_[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])/g },
  {
    kind: "json_web_token",
    pattern: /(?<![A-Za-z0-9_.-])eyJ[A-Za-z0-9_-]{8,4000}\.eyJ[A-Za-z0-9_-]{8,8000}\.[A-Za-z0-9_-]{8,2000}/g,
  },
  { kind: "provider_key", pattern: /\b(?:gsk_|hf_|r8_|xai-|pplx-)[A-Za-z0-9]{30,200}/g },
  {
    kind: "service_token",
    pattern:
      /\b(?:glpat-[A-Za-z0-9_-]{20,200}|npm_[A-Za-z0-9]{36}|ya29\.[A-Za-z0-9_-]{20,2000}|SG\.[A-Za-z0-9_-]{16,64}\.[A-Za-z0-9_-]{16,128}|do[oprt]_v1_[a-f0-9]{64})/g,
  },
  { kind: "basic_credentials", pattern: /\bBasic\s{1,4}([A-Za-z0-9+/]{8,2000}={0,2})/g, accept: isUserAndPassword },
  {
    kind: "url_credentials",
    pattern: /(?<![A-Za-z0-9+.-])[A-Za-z][A-Za-z0-9+.-]{1,20}:\/\/([^\s/?#:@"'<>`]{0,100}:[^\s/?#@"'<>`]{1,200})@/g,
    accept: (secret) => !isPlaceholder(secret.slice(secret.indexOf(":") + 1)),
  },
  { kind: "bearer_token", pattern: /\bBearer\s{1,4}([A-Za-z0-9._~+/=-]{20,4000})/gi, accept: isRandom },
  {
    kind: "assigned_secret",
    pattern:
      /(?:api|access|secret|private|auth|client|signing|encryption)?[_-]?(?:key|secret|token|password|passwd|pwd)\b["']?\s{0,3}(?:[:=]|=>|:=)\s{0,3}["'`]?([^\s"'`,;<>&]{12,300})/gi,
    accept: isRandom,
  },
];

/** Names of JSON members whose values are secrets, unless they are something that anybody may know. */
const SECRET_NAME =
  /(?:^|[_-]|[a-z](?=[A-Z]))(?:api[_-]?key|secret|token|password|passwd|pwd|private[_-]?key|access[_-]?key|credentials?)$/i;

/**
 * Every part of a text that looks like a secret, in the order in which they stand and without overlaps. Takes time in
 * proportion to the text's length. `name` is the member that holds the text, where one does.
 */
export function findSecrets(text: string, name?: string): Sighting[] {
  if (text.length < SHORTEST) return [];
  const sightings: Sighting[] = privateKeysIn(text).map((range) => ({ kind: "private_key", ...range }));
  for (const { kind, pattern, accept } of SHAPES) {
    for (const match of text.matchAll(pattern)) {
      const secret = match[1] ?? match[0];
      if (accept && !accept(secret)) continue;
      const start = match.index + match[0].lastIndexOf(secret);
      sightings.push({ kind, start, end: start + secret.length });
    }
  }
  if (name !== undefined && SECRET_NAME.test(name) && isRandom(text)) {
    sightings.push({ kind: "assigned_secret", start: 0, end: text.length });
  }
  return withoutOverlaps(sightings);
}

/** No secret that is looked for is shorter. Most texts of a definition are. */
const SHORTEST = 12;

/** Where two shapes fit, the one that began first and says more is told. */
function withoutOverlaps(sightings: readonly Sighting[]): Sighting[] {
  const kept: Sighting[] = [];
  let end = 0;
  for (const sighting of sightings.toSorted((one, other) => one.start - other.start)) {
    if (sighting.start < end) continue;
    kept.push(sighting);
    end = sighting.end;
  }
  return kept;
}

/** `sk-` also begins names of styles: words of small letters with hyphens between them. */
function isNoPhrase(key: string): boolean {
  return /[0-9A-Z]/.test(key) || !/-/.test(key.slice(3));
}

/** Base64 of a name, a colon and a password (RFC 7617). */
function isUserAndPassword(base64: string): boolean {
  if (base64.length % 4 !== 0) return false;
  const [, password] = /^[\x20-\x39\x3b-\x7e]*:([\x20-\x7e]+)$/.exec(atob(base64)) ?? [];
  return password !== undefined && !isPlaceholder(password);
}

const MIN_BITS = 3;
const MIN_LENGTH = 12;

/** Whether somebody drew these characters at random: letters and digits without white space, few of them twice. */
function isRandom(value: string): boolean {
  if (value.length < MIN_LENGTH || value.length > 4_000 || /\s/.test(value)) return false;
  if (isPlaceholder(value) || !/[0-9]/.test(value) || !/[A-Za-z]/.test(value)) return false;
  return bitsPerCharacter(value) >= MIN_BITS && !isReadable(value);
}

/** Dotted paths, file names, addresses and words joined by hyphens are written for people. */
function isReadable(value: string): boolean {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(value) || /^[./~]/.test(value) || /[()[\]{}]/.test(value)) return true;
  const words = value.split(/[._\-/:]/);
  return words.length > 1 && words.every((word) => /^(?:[A-Za-z]{1,20}\d{0,2}|\d{1,4}|v\d+)?$/.test(word));
}

/** What stands where a secret belongs: a reference, or a word that says so. */
function isPlaceholder(value: string): boolean {
  return (
    /\{\{|\$\{|\$[A-Z_]|%[A-Z_]+%|^<|\*{3}|\.{3}|x{4}|X{4}/.test(value) ||
    /^(?:pass(?:word)?|secret|token|user|key)$|example|placeholder|your[-_]?|change[-_]?me|redacted|dummy|insert/i.test(
      value,
    )
  );
}

/** Shannon entropy of a text's characters. */
function bitsPerCharacter(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}
