import { findSecrets } from "./secret-scan.ts";

const REDACTED = "[redacted]";
const NO_ADDRESS = "[email]";
/** An address of mail in any script (RFC 6531), as far as people use them (RFC 5322 allows more). It begins where no other can. */
const EMAIL =
  /(?<![\p{L}\p{M}\p{N}._%+-])[\p{L}\p{M}\p{N}._%+-]{1,64}@[\p{L}\p{M}\p{N}-]{1,63}(?:\.[\p{L}\p{M}\p{N}-]{1,63}){1,8}/gu;

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
