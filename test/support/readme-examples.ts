import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** One `curl` of the README, as it would be sent. */
export interface Example {
  /** Its first line, for a person who looks for it. */
  line: string;
  method: string;
  /** With the page's variables (`$URL/api/workflows/$ID`), and what the shell puts in the place of a `$(command)`. */
  address: string;
  /** Whether it shows the key. */
  signedIn: boolean;
  body: string | null;
  /** The file that it sends, in place of a body that stands in it. */
  file: string | null;
}

/** Every `curl` of the README in the order of the page. Throws at one without an address. */
export function readmeExamples(): Example[] {
  const readme = readFileSync(join(import.meta.dirname, "../../README.md"), "utf8");
  return [...readme.matchAll(/```sh\n([\s\S]*?)```/g)]
    .flatMap(([, block = ""]) => block.replaceAll("\\\n", "").split(/\n(?=curl |export )/))
    .filter((command) => command.startsWith("curl "))
    .map(exampleOf);
}

function exampleOf(command: string): Example {
  const written = /(\$(?:URL|WEBHOOK_URL)(?:\$\([^)]*\)|[^\s"])*)/.exec(command)?.[1];
  if (written === undefined) throw new Error(`This example of the README has no address: ${command}`);
  // What the reader's shell runs for it: dates that go with the day.
  const address = written.replaceAll(/\$\(([^)]*)\)/g, (_, run: string) =>
    execFileSync("sh", ["-c", run], { encoding: "utf8" }).trim(),
  );
  const body = / -d '([^']*)'/.exec(command)?.[1] ?? null;
  const file = / --data-binary @(\S+)/.exec(command)?.[1] ?? null;
  const implied = body === null && file === null ? "GET" : "POST";
  return {
    line: command.split("\n")[0] ?? command,
    method: / -X (\w+)/.exec(command)?.[1] ?? implied,
    address,
    signedIn: command.includes('-H "Authorization: Bearer $KEY"'),
    body,
    file,
  };
}
