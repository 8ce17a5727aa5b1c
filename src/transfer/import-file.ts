import { z } from "zod";
import { DomainError, type ErrorDetail, errorText } from "../core/errors.ts";
import { type Archive, openArchive } from "./archive.ts";
import { type ByteSource, piecesOf } from "./archive-source.ts";
import { refusal } from "./rules/archive-limits.ts";
import { splitJson } from "./rules/split-json.ts";

export type FileKind = "json" | "zip";

/** A file with workflows, to be read from its beginning as often as needed. */
export interface ImportFile {
  kind: FileKind;
  source: ByteSource;
}

/** One workflow of a file. */
export interface FileItem {
  /** Where it stands in the file: `[3]`, `workflows/3-report.json`, empty when it is the file. */
  path: string;
  /** Bytes of its JSON, as far as they are known before it is read. */
  bytes: number;
  /** Its JSON, parsed. A `fault` is why there is none. */
  read(): Promise<{ parsed: unknown } | { fault: ErrorDetail }>;
}

/** Of a JSON file at once. */
const PIECE_BYTES = 256 * 1024;
/** "PK": how every ZIP file begins (APPNOTE.TXT 4.3.7), and no JSON does. */
const ZIP_MAGIC = [0x50, 0x4b];

/** What a file is, by its first bytes: what a sender calls it is often wrong. */
export function kindOf(start: Uint8Array): FileKind {
  return ZIP_MAGIC.every((byte, place) => start[place] === byte) ? "zip" : "json";
}

/**
 * The workflows of a file, one after the other: of a JSON object or list, of the ZIP of one workflow, or of a bulk
 * export. Throws `archive_refused`, `malformed_request` and `body_too_large` for what is no such file.
 */
export async function* itemsOf({ kind, source }: ImportFile): AsyncGenerator<FileItem> {
  if (kind === "zip") {
    yield* archiveItems(await openArchive(source));
    return;
  }
  for await (const { place, text } of splitJson(piecesOf(source, PIECE_BYTES))) {
    const path = place === null ? "" : `[${place}]`;
    yield { path, bytes: text.length, read: async () => parse(path, text) };
  }
}

const manifestSchema = z.object({ workflows: z.array(z.object({ path: z.string() })).max(10_000) });

async function* archiveItems(archive: Archive): AsyncGenerator<FileItem> {
  if (!archive.names.includes("manifest.json")) {
    if (!archive.names.includes("workflow.json")) {
      throw refusal("", "neither a workflow.json nor a manifest.json is in it: it is no export of workflows");
    }
    refuseOthers(archive, ["workflow.json", ...PARTS.map(({ name }) => name)]);
    yield { path: "", bytes: archive.sizeOf(archive.names), read: () => readParts(archive) };
    return;
  }
  const written = parse("manifest.json", await archive.text("manifest.json"));
  const manifest = manifestSchema.safeParse("fault" in written ? null : written.parsed);
  if (!manifest.success) throw refusal("manifest.json", "it does not list the workflows by their paths");
  const paths = manifest.data.workflows.map(({ path }) => path);
  refuseOthers(archive, ["manifest.json", ...paths]);
  if (new Set(paths).size !== paths.length) throw refusal("manifest.json", "it lists a file twice");
  for (const path of paths) {
    yield { path, bytes: archive.sizeOf([path]), read: async () => parse(path, await archive.text(path)) };
  }
}

/** A file that nobody reads would not be checked either. */
function refuseOthers(archive: Archive, expected: readonly string[]): void {
  const known = new Set(expected);
  const other = archive.names.find((name) => !known.has(name));
  if (other !== undefined) throw refusal(other, "no such file belongs into this archive");
}

const PARTS = [
  { name: "versions.json", field: "versions" },
  { name: "knowledge.json", field: "knowledgeBase" },
  { name: "executions.json", field: "executions" },
];

/** The ZIP of one workflow holds its history in files of their own. */
async function readParts(archive: Archive): ReturnType<FileItem["read"]> {
  const whole = parse("workflow.json", await archive.text("workflow.json"));
  if ("fault" in whole || typeof whole.parsed !== "object" || whole.parsed === null) return whole;
  const parts: Record<string, unknown> = {};
  for (const { name, field } of PARTS) {
    if (!archive.names.includes(name)) continue;
    const part = parse(name, await archive.text(name));
    if ("fault" in part) return part;
    parts[field] = part.parsed;
  }
  return { parsed: { ...whole.parsed, ...parts } };
}

function parse(path: string, text: string): { parsed: unknown } | { fault: ErrorDetail } {
  // A path that a shell did not find sends nothing, and a parser's words do not tell that.
  if (text.trim() === "") return { fault: { path, message: "empty: nothing was sent" } };
  try {
    return { parsed: JSON.parse(text) };
  } catch (error) {
    return { fault: { path, message: `not valid JSON: ${errorText(error).slice(0, 200)}` } };
  }
}

/** A fault's place in the whole file. */
export function placed(path: string, fault: ErrorDetail): ErrorDetail {
  if (path === "") return fault;
  if (fault.path === "") return { ...fault, path };
  return { ...fault, path: path.endsWith("]") ? `${path}.${fault.path}` : `${path}: ${fault.path}` };
}

/** The refusal of a file with faults, every one with its path. */
export function invalidFile(faults: readonly ErrorDetail[]): DomainError {
  const message = `Nothing was imported: the file has ${faults.length === 1 ? "a fault" : `${faults.length} faults`}. See details for each.`;
  return new DomainError("import_invalid", message, { details: faults });
}
