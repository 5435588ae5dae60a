/** Of what is to be saved only what differs from what is known: what somebody else has changed meanwhile stays. */
export function changedParts<Parts extends object>(known: object, wanted: Parts): Partial<Parts> {
  const before = known as Record<string, unknown>;
  const entries = Object.entries(wanted).filter(([name, value]) => !isSame(before[name], value));
  return Object.fromEntries(entries) as Partial<Parts>;
}

/** Whether two values say the same: an absent one says as little as null. */
function isSame(one: unknown, other: unknown): boolean {
  if (one === other || (one ?? null) === (other ?? null)) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const [first, second] = [one as Record<string, unknown>, other as Record<string, unknown>];
  return [...new Set([...Object.keys(first), ...Object.keys(second)])].every((name) => isSame(first[name], second[name]));
}
