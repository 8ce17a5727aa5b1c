// Runs before anything is painted, so that a page in the dark scheme does not flash white. A file of its own: the
// Content-Security-Policy allows no script inside the page. The name is the one that Mantine keeps the choice under.
const chosen = localStorage.getItem("mantine-color-scheme-value");
const dark = chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
document.documentElement.setAttribute("data-mantine-color-scheme", dark ? "dark" : "light");
