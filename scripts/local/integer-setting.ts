/** A setting that is a whole number from 0 to `most`. Throws with the setting's name for anything else. */
export function integerSetting(
  name: string,
  value: string | undefined,
  fallback: number,
  most = Number.MAX_SAFE_INTEGER,
): number {
  if (value === undefined || value === "") return fallback;
  if (!/^\d{1,9}$/.test(value)) throw new Error(`${name} must be a whole number from 0 on, but is "${value}".`);
  if (Number(value) > most) throw new Error(`${name} must be at most ${most}, but is ${value}.`);
  return Number(value);
}
