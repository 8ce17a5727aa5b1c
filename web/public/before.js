// Runs before anything is painted and before the dashboard itself. A file of its own: the Content-Security-Policy allows no
// script inside the page.

// Without this a page in the dark scheme would flash white. The name is the one that Mantine keeps the choice under.
const chosen = localStorage.getItem("mantine-color-scheme-value");
const dark = chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
document.documentElement.setAttribute("data-mantine-color-scheme", dark ? "dark" : "light");

// The dashboard's script does not come when a newer one took its place after the page was sent: the page would stay blank.
// It is loaded again, once for each script. Those that come later are seen to by `src/app/not-loaded.tsx`. What others put
// into the page (an extension, or Cloudflare its counter of visits) is refused by the policy, and none of our business.
addEventListener(
  "error",
  ({ target }) => {
    if (!(target instanceof HTMLScriptElement && target.matches('[type=module][src^="/assets/"]'))) return;
    if (sessionStorage.getItem("swarm.script-missed") !== target.src) {
      sessionStorage.setItem("swarm.script-missed", target.src);
      location.reload();
      return;
    }
    const again = document.createElement("a");
    again.href = "";
    again.textContent = "Load it again";
    const root = document.getElementById("root");
    root.style.cssText = "padding: 24px; font-family: sans-serif";
    root.append("The dashboard could not be loaded: the server did not send all of it. ", again);
  },
  true,
);
