import { z } from "zod";
import { errorText } from "../../src/core/errors.ts";
import type { Figure, Figures } from "./figure.ts";

/** A figure as bench.json has it. */
const keptSchema = z.looseObject({
  value: z.number(),
  unit: z.string(),
  control: z.number().optional(),
  ratio: z.number().optional(),
});
const fileSchema = z.record(z.string(), keptSchema);

interface Kept {
  /** What bench.json is to hold. */
  text: string;
  /** Why what it held before is lost, if it is. */
  fault: string | null;
}

/**
 * bench.json with new figures in the place of those of the same names; what else it held stays as it is. A file that
 * cannot be read is written anew: what was measured just now must not be lost with it.
 *
 * @param before what it held, `null` when it is to be written anew or is not there
 */
export function keptFigures(before: string | null, measured: Figures): Kept {
  const fresh = Object.entries(measured).map(([name, figure]) => [name, withoutAim(figure)] as const);
  const { kept, fault } = readKept(before);
  return { text: `${JSON.stringify({ ...kept, ...Object.fromEntries(fresh) }, null, 2)}\n`, fault };
}

function readKept(before: string | null): { kept: z.infer<typeof fileSchema>; fault: string | null } {
  if (before === null) return { kept: {}, fault: null };
  try {
    return { kept: fileSchema.parse(JSON.parse(before)), fault: null };
  } catch (error) {
    return { kept: {}, fault: error instanceof z.ZodError ? z.prettifyError(error) : errorText(error) };
  }
}

function withoutAim({ aim: _, ...figure }: Figure): Omit<Figure, "aim"> {
  return figure;
}
