import { spawn } from "node:child_process";
import { delimiter, join } from "node:path";
import { ROOT } from "../local/paths.ts";
import { adviceFor } from "./advice.ts";

/** A step that could not be done, with what its person does next. */
export class StepFailed extends Error {
  readonly advice: string;

  constructor(message: string, advice: string) {
    super(message);
    this.advice = advice;
  }
}

export interface Ran {
  code: number;
  stdout: string;
  /** Both streams as they came, for people and for looking for what wrangler says of a fault. */
  output: string;
}

interface RunOptions {
  cwd?: string;
  /** Goes to standard input, where no list of processes and no file shows it. */
  input?: string;
  env?: Readonly<Record<string, string>>;
}

/** Runs a command to its end, whatever its exit code. A wrangler on PATH comes before the project's own. */
export async function run(
  command: string,
  args: readonly string[],
  { cwd = ROOT, input, env = {} }: RunOptions = {},
): Promise<Ran> {
  const child = spawn(command, args, {
    cwd,
    env: {
      ...process.env,
      PATH: [process.env.PATH, join(ROOT, "node_modules", ".bin")].join(delimiter),
      WRANGLER_SEND_METRICS: "false",
      WRANGLER_HIDE_BANNER: "true",
      ...env,
    },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let stdout = "";
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
    output += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  // A command that ends without reading its input closes the pipe: its exit code tells what went wrong.
  child.stdin.on("error", () => child.stdin.destroy());
  child.stdin.end(input ?? "");
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  return { code: code ?? 1, stdout, output };
}

/** Runs wrangler and throws {@link StepFailed} unless it went well. */
export async function wrangler(args: readonly string[], options?: RunOptions): Promise<Ran> {
  const ran = await run("wrangler", args, options);
  if (ran.code !== 0) throw wranglerFailed(args, ran);
  return ran;
}

export function wranglerFailed(args: readonly string[], { code, output }: Ran): StepFailed {
  const command = args.join(" ");
  return new StepFailed(`wrangler ${command} ended with ${code}:\n${output.trim()}`, adviceFor(command, output));
}

/** The JSON that a command prints, with warnings in front of it left out. Throws when there is none. */
export function jsonOf(args: readonly string[], { stdout }: Ran): unknown {
  const start = stdout.search(/^[[{]/m);
  try {
    return JSON.parse(stdout.slice(Math.max(start, 0)));
  } catch (cause) {
    const message = `wrangler ${args.join(" ")} printed something else than JSON:\n${stdout.trim()}`;
    throw Object.assign(new StepFailed(message, "Run the command by hand and look at what it says."), { cause });
  }
}
