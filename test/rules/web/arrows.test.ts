import { expect, it } from "vitest";
import { checking } from "../../support/arrows.ts";

const check = checking("check-web-arrows.ts");

it.each([
  ["app/routes.tsx", 'const page = () => import("../features/costs/costs-page.tsx");'],
  ["app/routes.tsx", 'import { costsSearch } from "../features/costs/search.ts";'],
  ["features/costs/costs-page.tsx", 'import { ModelPicker } from "../providers/index.ts";'],
  ["features/costs/costs-page.tsx", 'import "./costs.css";'],
  ["api/client.ts", 'import { createApiClient } from "../../../src/api.client.ts";'],
])("lets %s say %s", (file, statement) => {
  expect(check(file, statement)).toContain("follow the arrows");
});

it.each([
  ["app/routes.tsx", 'import { CostsPage } from "../features/costs/costs-page.tsx";', "loaded when it is opened"],
  ["app/routes.tsx", 'import { useCosts } from "../features/costs/queries.ts";', "its index.ts"],
  ["features/costs/costs-page.tsx", 'import { useModels } from "../providers/queries.ts";', "its index.ts"],
  ["features/costs/costs-page.tsx", 'import { theme } from "../../app/theme.ts";', "does not stand on app"],
  ["ui/money.tsx", 'import { useCosts } from "../features/costs/index.ts";', "does not stand on features"],
  ["lib/money.ts", 'import { keys } from "../api/keys.ts";', "does not stand on api"],
  ["features/costs/queries.ts", 'import type { Call } from "../../../../src/costs/index.ts";', "typed client"],
])("refuses that %s says %s", (file, statement, reason) => {
  expect(check(file, statement)).toContain(reason);
});
