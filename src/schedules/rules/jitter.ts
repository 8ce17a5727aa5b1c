/**
 * A moment up to `jitterSeconds` after `at` (epoch milliseconds), always as long after it for one schedule: schedules of
 * the same minute are spread, while the runs of one keep their distance and their order.
 */
export function jittered(at: number, scheduleId: string, jitterSeconds: number): number {
  return at + Math.floor((hash(scheduleId) / 2 ** 32) * jitterSeconds * 1_000);
}

/** FNV-1a, and the last mixing of MurmurHash3, without which ids that differ in their end would fall close together. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
