import { join } from "node:path";

/** The checkout, and what is built in it. */
export const ROOT = join(import.meta.dirname, "..", "..");
export const WORKER_DIR = join(ROOT, "dist", "worker");
export const WORKER_ENTRY = join(WORKER_DIR, "index.js");
export const WEB_DIR = join(ROOT, "web", "dist");
export const WRANGLER_CONFIG = join(ROOT, "wrangler.toml");
export const MIGRATIONS_DIR = join(ROOT, "migrations");
