export { type LedgerEntry, recordCall, type TokenCounts } from "./record-call.ts";
