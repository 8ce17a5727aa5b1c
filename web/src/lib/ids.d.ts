/**
 * The part of a row's id that people can tell apart at a glance. The end and not the beginning: ids are UUIDv7, and
 * what was made in the same minute begins alike.
 */
export declare function shortId(id: string): string;
