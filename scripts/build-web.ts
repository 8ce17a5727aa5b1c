import { buildDashboard } from "./local/build-dashboard.ts";
import { DASHBOARD } from "./local/dashboard-files.ts";

try {
  await buildDashboard(DASHBOARD);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
