import { MONEY } from "./money-stories.ts";
import { sweepOver } from "./sweep-over.ts";

sweepOver(MONEY);
