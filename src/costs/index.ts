export type { BudgetAlertEvent } from "./budget-alerts.ts";
export {
  type ApplyingBudget,
  type BudgetsOfStep,
  budgetsOf,
  readBudgetsOf,
  selectBudgets,
} from "./budget-statements.ts";
export { findModel, isRetired, modelsOf, priceAt, successorOf } from "./catalogue.ts";
export {
  CAPABILITIES,
  type Capability,
  type CatalogueModel,
  type CatalogueProvider,
  type ClassPrices,
  type Price,
  type PriceTier,
  TIERS,
  type Tier,
} from "./catalogue-model.ts";
export { foldRollups } from "./fold-rollups.ts";
export { type PriceRead, readPriceBook, readPrices } from "./read-prices.ts";
export { rebuildRollups } from "./rebuild-rollups.ts";
export {
  forgetUncounted,
  type LedgerEntry,
  type PricedCall,
  priceCall,
  recordCall,
  type TokenCounts,
} from "./record-call.ts";
export { type CallKey, type CallToReserve, reserveBudgets } from "./reserve-budget.ts";
export { counterpart, TIER_DEFAULTS } from "./rules/model-mapping.ts";
export { CATALOGUE_PRICES, type PriceBook, priceBook, type WorkspacePrice } from "./rules/price-book.ts";
export { costOf, worstCaseCost } from "./rules/price-call.ts";
export type { BudgetRefusal } from "./rules/refuse-call.ts";
export { pruneBudgets, releaseReservation, spendExpired } from "./settle-reservation.ts";
export { tellBudgetAlerts } from "./tell-alerts.ts";
