/** One thing that a deployment makes sure of. Doing it again finds it done. */
export interface Step {
  title: string;
  /** The commands that it may run, as `--dry-run` shows them. */
  commands: readonly string[];
  /** Does it, and answers in a few words what was found or made. Throws {@link StepFailed}. */
  run(): Promise<string>;
}

/** A command line as a person would type it. */
export function shown(tool: string, args: readonly string[]): string {
  return [tool, ...args].map((part) => (/^[\w@./:=-]+$/.test(part) ? part : `'${part}'`)).join(" ");
}
