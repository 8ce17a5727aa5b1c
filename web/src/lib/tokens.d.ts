/** A count as people read it: 812 -> "812", 12400 -> "12.4 k", 3100000 -> "3.1 M". */
export declare function formatTokens(count: number): string;
/** A count with all its digits: 12431 -> "12,431". For hovers. */
export declare function formatExactCount(count: number): string;
/** "1 step", "3 steps". */
export declare function counted(count: number, one: string, many?: string): string;
