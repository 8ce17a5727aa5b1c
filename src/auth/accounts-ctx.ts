import type { Clock } from "../core/clock.ts";
import type { Ids } from "../core/ids.ts";
import type { Logger } from "../core/log.ts";
import type { Db } from "../db/client.ts";
import type { Ctx } from "../db/context.ts";
import type { Identity } from "./identify.ts";
import type { Role } from "./roles.ts";

/** What verbs need that work before there is a workspace: signing up, joining, setting a password again. */
export interface AccountsCtx {
  db: Db;
  clock: Clock;
  ids: Ids;
  log: Logger;
  /** Whether anybody may sign up. */
  openSignup: boolean;
}

/** A person, or a key in a person's name, at work in a workspace. */
export interface MemberCtx extends Ctx {
  userId: string;
  /** What the caller may do: of a key the weaker of its own role and its maker's. */
  role: Role;
  /** Whether the person is there in a session, or a key stands in. */
  via: Identity["via"];
}
