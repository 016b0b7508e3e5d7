/** A memo for pure functions of immutable objects. Owns no entry longer than its object lives. */

/** The function, computed once for every object. Only for what nobody changes: the chain's values, bytes received. */
export function oncePerObject<T extends object, R extends object | string | null>(
  compute: (value: T) => R,
): (value: T) => R {
  const known = new WeakMap<T, R>();
  return (value) => {
    const before = known.get(value);
    if (before !== undefined) return before;
    const result = compute(value);
    known.set(value, result);
    return result;
  };
}
