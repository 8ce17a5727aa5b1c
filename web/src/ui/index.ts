/**
 * What pages are made of. A page is a `Page` with a `DataTable` or `Loaded` in it; look at
 * `features/workflows/workflows-page.tsx` before you make one.
 *
 * - `Page` title, sentence or crumbs, action, tabs (`Tabs` of `TabLink`s), filters; `Section` for its parts. `EmptyState`, `ErrorState`, `Loaded`, `LinesSkeleton`, `Callout`
 * - `DataTable` over `usePages(...)` of `api/pages.ts`; `FilterBar` bound to the route's search
 * - `StatusBadge` for executions and steps, `StateBadge` for others; the four colours mean what they mean there only
 * - `ProviderChip`, `ModelChip`; `Money`, `Duration`, `Tokens`, `RelativeTime`, `ShortId`, `Missing`
 * - `ShareBar` beside the rows of a breakdown; `fieldFault` for what a refusal says of one field
 * - `CodeText`, `JsonView`, `SecretField`, `CopyButton`
 * - `PageLink` and `ButtonLink` go somewhere, Mantine's `Button` does something
 * - `ShownOnceDialog` with `ShownOnceEnd` for a secret that cannot be had again
 * - `ConfirmByName` for what cannot be undone, `notifyDone(..., { undo })` for what can, `removeWithUndo` for rows, `notifyFailed`, `UnsavedGuard`
 * - `useCommands` offers what a page can do in the palette and by keys
 */
export { Callout } from "./callout.tsx";
export { ModelChip, ProviderChip, providerName } from "./chips.tsx";
export { CodeText, JsonView, SecretField } from "./code.tsx";
export { type Command, useCommands, useOfferedCommands } from "./commands.ts";
export { ConfirmByName } from "./confirm-by-name.tsx";
export { CopyButton } from "./copy-button.tsx";
export { type Column, DataTable } from "./data-table.tsx";
export { errorWords, fieldFault } from "./error-text.ts";
export { type Filter, FilterBar } from "./filter-bar.tsx";
export { ButtonLink, PageLink } from "./links.tsx";
export { modKey } from "./mod-key.ts";
export { notifyDone, notifyFailed } from "./notify.tsx";
export { Page } from "./page.tsx";
export { removeWithUndo, useRemoved } from "./removal.ts";
export { Section } from "./section.tsx";
export { ShareBar } from "./share-bar.tsx";
export { ShownOnceDialog, ShownOnceEnd } from "./shown-once-dialog.tsx";
export { EmptyState, ErrorState, LinesSkeleton, Loaded } from "./states.tsx";
export { type Meaning, meaningOf, StateBadge, type Status, StatusBadge } from "./status-badge.tsx";
export { TabLink, Tabs } from "./tabs.tsx";
export { LeaveQuestion, UnsavedGuard } from "./unsaved-guard.tsx";
export { useNow } from "./use-now.ts";
export { useStable } from "./use-stable.ts";
export { Duration, Missing, Money, RelativeTime, ShortId, Tokens } from "./values.tsx";
export { VersionField } from "./version-field.tsx";
