/** The parts of names in the IANA database's `backward` file that are no plain words, and of Etc/GMT+5 and its kin. */
const WORDS = [
  "ACT LHI NSW MST7MDT PST8PDT CST6CDT EST5EDT",
  "UTC UCT GMT GMT0 EST MST HST CET MET EET WET PRC ROC ROK NZ GB US SU",
  "BajaNorte BajaSur ComodRivadavia DumontDUrville EasterIsland McMurdo DeNoronha CHAT of es au in",
]
  .join(" ")
  .split(" ");
const KNOWN: ReadonlyMap<string, string> = new Map(WORDS.map((word) => [word.toLowerCase(), word]));

/**
 * The name of a time zone as the IANA database writes it, for the names that Intl takes and does not give back:
 * "asia/kolkata" is "Asia/Kolkata", "us/east-indiana" is "US/East-Indiana".
 */
export function properName(name: string): string {
  return name.toLowerCase().replace(/[a-z][a-z0-9]*/g, (word) => {
    return KNOWN.get(word) ?? word.charAt(0).toUpperCase() + word.slice(1);
  });
}
