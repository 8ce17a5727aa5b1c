import { DomainError, type ErrorDetail, errorText } from "../core/errors.ts";
import type { Ctx } from "../db/context.ts";
import { type IdempotencyKey, storedAnswer } from "../db/idempotency.ts";
import { openArchive } from "./archive.ts";
import { bytesSource, objectSource, type RangeBucket } from "./archive-source.ts";
import { MAX_FAULTS } from "./check-bundle.ts";
import { checkItem } from "./check-item.ts";
import { importBundle } from "./import-bundle.ts";
import { type ImportFile, invalidFile, itemsOf, kindOf } from "./import-file.ts";
import type { ImportMessage } from "./import-message.ts";
import type { ImportPorts } from "./import-ports.ts";
import { type Conflict, type Imported, importedSchema, type Note } from "./import-results.ts";
import type { ImportBundle } from "./import-schema.ts";
import { abandonUpload, beginUpload, fileKey, queuedSchema, queueImport } from "./queue-import.ts";
import { receiveUpload, SMALL_BYTES, type UploadBucket } from "./receive-upload.ts";

/** So many workflows are imported within their request. */
const SMALL_COUNT = 20;

/** What of R2 an import needs. */
export interface ImportBucket extends RangeBucket, UploadBucket {
  put(key: string, bytes: Uint8Array): Promise<unknown>;
  delete(keys: string | string[]): Promise<void>;
}

export interface UploadPorts extends ImportPorts {
  bucket: ImportBucket;
  send(message: ImportMessage): Promise<void>;
}

export interface Upload {
  pieces: AsyncIterable<Uint8Array>;
  conflict: Conflict;
  dryRun: boolean;
  /** The key for a file of these bytes (lower-case hex of their SHA-256), when the caller gave one. */
  keyOf(fileHash: () => Promise<string>): Promise<IdempotencyKey | undefined>;
}

/** Done within the request, or queued because it is more than one invocation should do while somebody waits. */
export type UploadOutcome = { queued: false; imported: Imported } | { queued: true; importId: string };

/**
 * Imports a file that somebody sent. A file with a fault is refused whole: `import_invalid` with every fault, or
 * `archive_refused`, `malformed_request`, `import_too_new`, `body_too_large`. Over 20 workflows or 5 MB, unpacked, it
 * is kept in R2 and imported by the queue.
 */
export async function importUpload(ctx: Ctx, ports: UploadPorts, upload: Upload): Promise<UploadOutcome> {
  const importId = ctx.ids.next();
  const key = fileKey(ctx, importId);
  const hashed = hashing(upload.pieces);
  let begun = false;
  const open = async () => {
    await beginUpload(ctx, importId, upload);
    begun = true;
    return key;
  };
  try {
    const received = await receiveUpload(hashed.pieces, { bucket: ports.bucket, open });
    const idempotencyKey = await upload.keyOf(hashed.digest);
    const known = idempotencyKey && (await storedAnswer(ctx, idempotencyKey));
    if (known !== undefined) {
      if (begun) await abandonUpload(ctx, ports.bucket, importId);
      const queued = queuedSchema.safeParse(known);
      return queued.success
        ? { queued: true, importId: queued.data.importId }
        : { queued: false, imported: importedSchema.parse(known) };
    }
    const file: ImportFile = received.stored
      ? { kind: kindOf(received.start), source: objectSource(ports.bucket, key, received.size) }
      : { kind: kindOf(received.bytes), source: bytesSource(received.bytes) };
    if (!received.stored) {
      const small = await readSmall(ctx, ports, file);
      if (small !== null) {
        const { conflict, dryRun } = upload;
        const options = { conflict, dryRun, idempotencyKey, notes: small.notes };
        return { queued: false, imported: await importBundle(ctx, ports, small.bundles, options) };
      }
      await ports.bucket.put(await open(), received.bytes);
    } else if (file.kind === "zip") {
      // A directory that is refused is refused to who sent it, and not a minute later to nobody.
      await openArchive(file.source);
    }
    const queued = { importId, kind: file.kind, bytes: file.source.size, idempotencyKey };
    return { queued: true, importId: await queueImport(ctx, ports, queued) };
  } catch (error) {
    if (begun) await abandonQuietly(ctx, ports, importId);
    throw error;
  }
}

/** What is left after a fault the cron finds: its sender is to be told of the first. */
async function abandonQuietly(ctx: Ctx, ports: UploadPorts, importId: string): Promise<void> {
  try {
    await abandonUpload(ctx, ports.bucket, importId);
  } catch (error) {
    ctx.log.log("warn", "Transfer", `an upload is left to the cron: ${errorText(error)}`, { importId });
  }
}

interface Small {
  bundles: ImportBundle[];
  /** Of each bundle, what was changed to bring it to today's format. */
  notes: Note[][];
}

/** The workflows of a file, checked; `null` when there are too many of them. */
async function readSmall(ctx: Ctx, ports: ImportPorts, file: ImportFile): Promise<Small | null> {
  const small: Small = { bundles: [], notes: [] };
  const faults: ErrorDetail[] = [];
  let bytes = 0;
  let count = 0;
  for await (const item of itemsOf(file)) {
    bytes += item.bytes;
    count += 1;
    if (count > SMALL_COUNT || bytes > SMALL_BYTES) return null;
    const checked = await checkItem(ctx, ports, item);
    if (checked.ok) {
      small.bundles.push(checked.bundle);
      small.notes.push(checked.warnings);
    } else faults.push(...checked.faults);
  }
  if (faults.length > 0) throw invalidFile(faults.slice(0, MAX_FAULTS));
  if (count === 0) throw new DomainError("import_invalid", "The file holds no workflow: there is nothing to import.");
  return small;
}

/** Passes a file's bytes on and digests them on the way. */
function hashing(pieces: AsyncIterable<Uint8Array>) {
  const stream = new crypto.DigestStream("SHA-256");
  const writer = stream.getWriter();
  async function* pass(): AsyncGenerator<Uint8Array> {
    for await (const piece of pieces) {
      await writer.write(piece);
      yield piece;
    }
  }
  return {
    pieces: pass(),
    async digest(): Promise<string> {
      await writer.close();
      return Array.from(new Uint8Array(await stream.digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
    },
  };
}
