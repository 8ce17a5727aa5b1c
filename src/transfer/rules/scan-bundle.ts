import { findSecrets, type SecretKind } from "./secret-scan.ts";

/** A secret in a bundle: where it stands, `agents[2].systemPrompt`, and of what kind it seems to be. Never what it is. */
export interface SecretFinding {
  path: string;
  kind: SecretKind;
}

const HIDDEN = "[redacted]";
/** Names of members may be anything, and a path is to be read. */
const MAX_NAME = 64;

/**
 * Looks through every text of a JSON value, the names of its members among them, and calls `found` for each secret.
 * `path` is where the value stands.
 */
export function scanValue(value: unknown, path: string, found: (finding: SecretFinding) => void): void {
  // By hand: brackets alone, nested deep enough, would overflow the stack.
  const open: { value: unknown; path: string; name?: string }[] = [{ value, path }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next.value === "string") {
      for (const { kind } of findSecrets(next.value, next.name)) found({ path: next.path, kind });
    } else if (Array.isArray(next.value)) {
      for (let index = next.value.length - 1; index >= 0; index -= 1) {
        open.push({ value: next.value[index], path: `${next.path}[${index}]` });
      }
    } else if (typeof next.value === "object" && next.value !== null) {
      for (const [name, member] of Object.entries(next.value).toReversed()) {
        const kinds = findSecrets(name);
        const shown = kinds.length > 0 || name.length > MAX_NAME ? HIDDEN : name;
        const memberPath = next.path === "" ? shown : `${next.path}.${shown}`;
        for (const { kind } of kinds) found({ path: memberPath, kind });
        open.push({ value: member, path: memberPath, name });
      }
    }
  }
}
