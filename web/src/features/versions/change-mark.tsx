import { IconArrowsMove, IconMinus, IconPencil, IconPlus, type TablerIcon } from "@tabler/icons-react";
import { type Meaning, StateBadge } from "../../ui/index.ts";
import type { ChangeKind } from "./changes.ts";

const KINDS = {
  added: { word: "Added", meaning: "succeeded", icon: IconPlus },
  removed: { word: "Removed", meaning: "failed", icon: IconMinus },
  changed: { word: "Changed", meaning: "waiting", icon: IconPencil },
  moved: { word: "Moved", meaning: "none", icon: IconArrowsMove },
} satisfies Record<ChangeKind, { word: string; meaning: Meaning; icon: TablerIcon }>;

/** How something differs, in the colours of the comparison. */
export function ChangeMark({ kind }: { kind: ChangeKind }) {
  const { word, meaning, icon } = KINDS[kind];
  return (
    <StateBadge meaning={meaning} icon={icon}>
      {word}
    </StateBadge>
  );
}
