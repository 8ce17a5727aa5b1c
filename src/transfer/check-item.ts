import { DomainError } from "../core/errors.ts";
import type { Ctx } from "../db/context.ts";
import { type Checked, checkBundle } from "./check-bundle.ts";
import { type FileItem, placed } from "./import-file.ts";
import type { ImportPorts } from "./import-ports.ts";

/** Reads one workflow of a file and checks it whole: the paths of its faults are those in the file. Throws as `checkBundle`. */
export async function checkItem(ctx: Ctx, ports: ImportPorts, item: FileItem): Promise<Checked> {
  const read = await item.read();
  if ("fault" in read) return { ok: false, faults: [read.fault] };
  try {
    const checked = await checkBundle(ctx, ports, read.parsed);
    return checked.ok ? checked : { ok: false, faults: checked.faults.map((fault) => placed(item.path, fault)) };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const details = error.details.map((detail) => placed(item.path, detail));
    throw new DomainError(error.code, error.message, { details, cause: error });
  }
}
