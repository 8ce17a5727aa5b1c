const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const BUCKETS = 10_000;

/** Whether an id is among the percentage that is written: the same answer on every machine and at any time. */
export function isSampled(id: string, percent: number): boolean {
  let hash = FNV_OFFSET;
  for (let place = 0; place < id.length; place += 1) hash = Math.imul(hash ^ id.charCodeAt(place), FNV_PRIME) >>> 0;
  return hash % BUCKETS < percent * (BUCKETS / 100);
}
