import type { D1Migration } from "cloudflare:test";
import type { Env } from "../../src/env.ts";

declare global {
  namespace Cloudflare {
    interface Env extends WorkerEnv {
      TEST_MIGRATIONS: D1Migration[];
      AUTH_SECRET: string;
      ENCRYPTION_KEY: string;
      /** Which faults a sweep tries. */
      SWEEP: string;
    }
    interface GlobalProps {
      mainModule: typeof import("../../src/index.ts");
    }
  }
}

type WorkerEnv = Env;
