export { entriesOfRoles } from "./entries-of-roles.ts";
export { findRelevant } from "./find-relevant.ts";
export { entryFields, type KnowledgeView } from "./inputs.ts";
export { insertEntries, MAX_ENTRIES, MAX_ENTRIES_FOR_AGENTS, type NewEntry } from "./insert-entries.ts";
export { newEntry } from "./new-entry.ts";
export { HOW_TO_OFFER, type Offer, type OfferedFact, takeOffer } from "./rules/offered-facts.ts";
export { type ReferenceBlock, referenceBlock } from "./rules/reference-block.ts";
