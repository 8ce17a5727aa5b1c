/** In this order: each of them says that it is those behind it, too. */
const BROWSERS = [
  [/Edg\//, "Edge"],
  [/OPR\//, "Opera"],
  [/Firefox\//, "Firefox"],
  [/Chrome\//, "Chrome"],
  [/Safari\//, "Safari"],
] as const;
const SYSTEMS = [
  [/iPhone|iPad/, "iOS"],
  [/Android/, "Android"],
  [/Windows/, "Windows"],
  [/Mac OS X/, "macOS"],
  [/Linux/, "Linux"],
] as const;

/** What a `User-Agent` is called by people: "Firefox on Linux". Programs are called by what they say first. */
export function browserName(userAgent: string | null): string {
  if (userAgent === null || userAgent.trim() === "") return "Unknown program";
  const browser = BROWSERS.find(([shape]) => shape.test(userAgent))?.[1];
  if (browser === undefined) return userAgent.split(/[ /]/, 1)[0] ?? userAgent;
  const system = SYSTEMS.find(([shape]) => shape.test(userAgent))?.[1];
  return system === undefined ? browser : `${browser} on ${system}`;
}
