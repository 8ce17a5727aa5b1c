import { sweepOver } from "./sweep-over.ts";
import { TRANSFER } from "./transfer-stories.ts";

sweepOver(TRANSFER);
