import type { z } from "zod";
import type { ErrorDetail } from "../core/errors.ts";

/** Zod's issues as details of our envelope, each with a path like `agents[2].temperature`. */
export function detailsOf(issues: readonly z.core.$ZodIssue[]): ErrorDetail[] {
  return issues.flatMap((issue) => {
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => ({ path: pathText([...issue.path, key]), message: "unknown field" }));
    }
    return [{ path: pathText(issue.path), message: issue.message }];
  });
}

/** `["agents", 2, "name"]` -> `agents[2].name`. */
export function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    return text === "" ? String(part) : `${text}.${String(part)}`;
  }, "");
}
