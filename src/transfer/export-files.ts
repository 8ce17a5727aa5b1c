import { type GatheredBundle, SECTION_NAMES, type SectionName } from "./export-bundle.ts";
import { ZipWriter } from "./zip-writer.ts";

const encoder = new TextEncoder();

/** What each list is called in the archive of one workflow. */
const FILES: Record<SectionName, string> = {
  versions: "versions.json",
  knowledgeBase: "knowledge.json",
  executions: "executions.json",
};

/** A bundle as one JSON object. */
export function* jsonOf({ core, sections }: Pick<GatheredBundle, "core" | "sections">): Generator<Uint8Array> {
  const text = JSON.stringify(core);
  yield encoder.encode(text.slice(0, -1));
  for (const name of SECTION_NAMES) {
    const pieces = sections[name];
    if (pieces === undefined) continue;
    yield encoder.encode(`,${JSON.stringify(name)}:`);
    yield* listOf(pieces);
  }
  yield encoder.encode("}");
}

/** A bundle as a ZIP archive: `workflow.json`, and each long list as a file of its own. */
export function* zipOf({ core, sections }: GatheredBundle, modifiedAt: number): Generator<Uint8Array> {
  const zip = new ZipWriter(modifiedAt);
  yield* zip.add("workflow.json", () => jsonOf({ core, sections: {} }));
  for (const name of SECTION_NAMES) {
    const pieces = sections[name];
    if (pieces !== undefined) yield* zip.add(FILES[name], () => listOf(pieces));
  }
  yield* zip.end();
}

function* listOf(pieces: readonly Uint8Array[]): Generator<Uint8Array> {
  const comma = encoder.encode(",");
  yield encoder.encode("[");
  for (const [place, piece] of pieces.entries()) {
    if (place > 0) yield comma;
    yield piece;
  }
  yield encoder.encode("]");
}

/** What a generator gives, as a stream that goes on as it is read. */
export function streamOf(pieces: Generator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const { value, done } = pieces.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel() {
        pieces.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}
