/** A length of time in ms as people read it: "840 ms", "1.2 s", "3 min 5 s", "2 h 10 min", "4 d 3 h". */
export declare function formatDuration(ms: number): string;
/**
 * How long ago a time was, or how long it is until then: "just now", "4 min ago", "in 2 h", "yesterday". Both in epoch
 * ms. More than a week away it is a date, which says more than "63 d ago".
 */
export declare function relativeTime(at: number, now: number): string;
/** A time (epoch ms) to the second with its zone, for hovers: "22 November 2026, 23:10:05 UTC". */
export declare function formatExactTime(at: number, timeZone?: string): string;
