import { sweepOver } from "./sweep-over.ts";
import { TRIGGERS } from "./trigger-stories.ts";

sweepOver(TRIGGERS);
