import { modelsOf, type PriceBook } from "../costs/index.ts";
import { PROVIDERS, type ProviderName } from "./contract.ts";
import type { ProviderView } from "./inputs.ts";
import { modelView } from "./model-view.ts";

/** Every provider with the models that the catalogue knows, and whether a key is set for it in the workspace. */
export function listProviders(
  isConfigured: (provider: ProviderName) => Promise<boolean>,
  prices: PriceBook,
  now: number,
): Promise<ProviderView[]> {
  return Promise.all(
    PROVIDERS.map(async (provider) => ({
      provider,
      configured: await isConfigured(provider),
      models: modelsOf(provider).map((model) => modelView(model, prices, now)),
    })),
  );
}
