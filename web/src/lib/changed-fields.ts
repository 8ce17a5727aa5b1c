/**
 * The fields of `after` that differ from `before`. A form that saves only these leaves alone what somebody else has changed
 * since it was opened.
 */
export function changedFields<Fields extends object>(before: Fields, after: Fields): Partial<Fields> {
  const changed: Partial<Fields> = { ...after };
  for (const name in after) {
    if (JSON.stringify(after[name]) === JSON.stringify(before[name])) delete changed[name];
  }
  return changed;
}
