import {
  IconBulb,
  IconCalendar,
  IconChartBar,
  IconFiles,
  IconPlayerPlay,
  IconPlugConnected,
  IconSchema,
  IconSettings,
  type TablerIcon,
} from "@tabler/icons-react";
import type { LinkProps } from "@tanstack/react-router";

/** A place in the sidebar and the command palette. */
export interface Section {
  label: string;
  to: NonNullable<LinkProps["to"]>;
  icon: TablerIcon;
  /** The letter after `g` that goes there. Unique. */
  letter: string;
}

/** In the order of the sidebar. A section stands here once it has a page. */
export const SECTIONS: readonly Section[] = [
  { label: "Workflows", to: "/workflows", icon: IconSchema, letter: "w" },
  { label: "Executions", to: "/executions", icon: IconPlayerPlay, letter: "e" },
  { label: "Schedules", to: "/schedules", icon: IconCalendar, letter: "s" },
  { label: "Analytics", to: "/analytics", icon: IconChartBar, letter: "a" },
  { label: "Providers", to: "/providers", icon: IconPlugConnected, letter: "p" },
  { label: "Knowledge", to: "/knowledge", icon: IconBulb, letter: "k" },
  { label: "Files", to: "/files", icon: IconFiles, letter: "f" },
  { label: "Settings", to: "/settings", icon: IconSettings, letter: "o" },
];
