import { findSecrets } from "./secret-scan.ts";

const REDACTED = "[redacted]";
const NO_ADDRESS = "[email]";
/** An address of mail, as far as people use them (RFC 5322 allows more). It begins where no other can. */
const EMAIL = /(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}/g;

/** A text without what looks like a secret or an address of mail. `name` is the member that holds it, where one does. */
export function scrubText(text: string, name?: string): string {
  let scrubbed = "";
  let from = 0;
  for (const { start, end } of findSecrets(text, name)) {
    scrubbed += text.slice(from, start) + REDACTED;
    from = end;
  }
  return (scrubbed + text.slice(from)).replace(EMAIL, NO_ADDRESS);
}
