import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";
import { returnFocus } from "../ui/focus-return.ts";

/** The one accent, from a wash to the darkest. 6 fills buttons in the light scheme, 7 in the dark one. */
const indigo: MantineColorsTuple = [
  "#eef0fd",
  "#dde0fa",
  "#bcc2f5",
  "#a3aaf7",
  "#7f88ea",
  "#636ddd",
  "#4650c4",
  "#4a54cc",
  "#363fa0",
  "#2b3280",
];

/** Neutral greys with a trace of blue, light to dark. */
const gray: MantineColorsTuple = [
  "#f7f7f9",
  "#f1f1f4",
  "#e6e7eb",
  "#d6d8de",
  "#b9bcc6",
  "#8b8f9b",
  "#6a6e7a",
  "#5c5f69",
  "#34363d",
  "#1c1d21",
];

/** The greys of the dark scheme, as Mantine wants them: 0 is text, 7 is the ground. */
const dark: MantineColorsTuple = [
  "#e7e8ec",
  "#c4c7d0",
  "#a2a5b0",
  "#6c707c",
  "#3d4048",
  "#303238",
  "#24262b",
  "#17181b",
  "#121316",
  "#0d0e10",
];

/** Failed; buttons that delete are the one other thing in this colour, because they are about to. */
const red: MantineColorsTuple = [
  "#fdeeed",
  "#fadcda",
  "#f5b8b4",
  "#f2958e",
  "#e2655c",
  "#d1433a",
  "#b3261e",
  "#b3261e",
  "#8c1d17",
  "#6b1611",
];

const border = { withBorder: true, shadow: "none" };

/** The look of the dashboard: 14 px, a grid of 8 px, corners of 6 px, hairlines in place of shadows. */
export const theme = createTheme({
  // People who asked their system for less motion get dialogs, menus and notifications without transitions.
  respectReducedMotion: true,
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: "'JetBrains Mono Variable', ui-monospace, monospace",
  colors: { indigo, gray, dark, red },
  primaryColor: "indigo",
  primaryShade: { light: 6, dark: 7 },
  black: "#1c1d21",
  fontSizes: { xs: "12px", sm: "14px", md: "14px", lg: "16px", xl: "20px" },
  lineHeights: { xs: "1.4", sm: "1.45", md: "1.45", lg: "1.5", xl: "1.4" },
  spacing: { xs: "4px", sm: "8px", md: "16px", lg: "24px", xl: "32px" },
  radius: { xs: "4px", sm: "6px", md: "6px", lg: "6px", xl: "6px" },
  defaultRadius: "sm",
  shadows: { xs: "none", sm: "none", md: "none", lg: "none", xl: "none" },
  headings: { fontWeight: "600" },
  cursorType: "pointer",
  focusRing: "auto",
  components: {
    Menu: { defaultProps: { ...border, transitionProps: { duration: 80 } } },
    Popover: { defaultProps: border },
    Tooltip: { defaultProps: { openDelay: 300, transitionProps: { duration: 80 } } },
    Modal: {
      defaultProps: {
        centered: true,
        transitionProps: { duration: 80 },
        overlayProps: { backgroundOpacity: 0.4 },
        onExitTransitionEnd: returnFocus,
      },
    },
    CloseButton: { defaultProps: { "aria-label": "Close" } },
    Button: { defaultProps: { size: "sm" } },
    // Nearly every field is required: the few that are not say so in their label.
    InputWrapper: { defaultProps: { withAsterisk: false } },
    Select: { defaultProps: { comboboxProps: { withinPortal: true, shadow: "none" } } },
  },
});

/** What both schemes have by the same names: the dashboard's own styles use these and no colour of their own. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": gray[7],
    "--mantine-color-placeholder": gray[6],
    "--mantine-color-anchor": indigo[6],
    "--mantine-color-error": red[6],
    "--mantine-color-default-border": gray[3],
    "--sw-surface": gray[0],
    "--sw-hover": gray[0],
    "--sw-hover-strong": gray[2],
    "--sw-selected": indigo[0],
    "--sw-line": gray[2],
    "--sw-text": gray[9],
    "--sw-muted": gray[7],
    "--sw-accent": indigo[6],
    "--sw-chart": indigo[6],
    "--sw-chart-second": "#a7b1bf",
    "--sw-succeeded": "#17713a",
    "--sw-failed": "#b3261e",
    "--sw-waiting": "#8a5300",
    "--sw-running": "#1a5fb4",
    "--sw-succeeded-soft": "#e8f5ec",
    "--sw-failed-soft": "#fdeeed",
    "--sw-waiting-soft": "#fdf3e0",
    "--sw-running-soft": "#e8f1fb",
  },
  dark: {
    "--mantine-color-dimmed": dark[2],
    "--mantine-color-placeholder": dark[2],
    "--mantine-color-anchor": indigo[3],
    "--mantine-color-error": red[3],
    "--mantine-color-default-border": dark[4],
    "--sw-surface": "#1c1d21",
    "--sw-hover": "#1f2024",
    "--sw-hover-strong": "#292b30",
    "--sw-selected": "#262941",
    "--sw-line": dark[5],
    "--sw-text": dark[0],
    "--sw-muted": dark[2],
    "--sw-accent": indigo[3],
    "--sw-chart": indigo[4],
    "--sw-chart-second": dark[3],
    "--sw-succeeded": "#74cf94",
    "--sw-failed": "#f2958e",
    "--sw-waiting": "#e3b261",
    "--sw-running": "#83b4f5",
    "--sw-succeeded-soft": "#18291e",
    "--sw-failed-soft": "#331d1b",
    "--sw-waiting-soft": "#2f2615",
    "--sw-running-soft": "#182536",
  },
});
