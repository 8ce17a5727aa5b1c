import { CRON } from "./cron-stories.ts";
import { sweepOver } from "./sweep-over.ts";

sweepOver(CRON);
