/** A memo for pure functions of immutable objects. Owns no entry longer than its object lives. */

/** The function, computed once for every object. Only for what nobody changes: the chain's values, bytes received. */
export function oncePerObject<T extends object, R extends object | string | null>(
  compute: (value: T) => R,
): (value: T) => R {
  const { read, write } = privateSlot<T, R>();
  return (value) => {
    const before = read(value);
    if (before !== undefined) return before;
    const result = compute(value);
    write(value, result);
    return result;
  };
}

/** As a base it makes of any object the one under construction: a class that extends it adds its private field to that. */
function itself(value: object): object {
  return value;
}

const Itself = itself as unknown as new (value: object) => object;

/**
 * A private field on objects of others: what a WeakMap is for, at the cost of a field's access, and nothing for the collector
 * to look through.
 */
export function privateSlot<T extends object, R>(): {
  readonly read: (value: T) => R | undefined;
  readonly write: (value: T, result: R) => void;
} {
  class Slot extends Itself {
    #result: R;

    constructor(value: object, result: R) {
      super(value);
      this.#result = result;
    }

    static read(value: object): R | undefined {
      return #result in value ? value.#result : undefined;
    }

    static write(value: object, result: R): void {
      if (#result in value) value.#result = result;
      else void new Slot(value, result);
    }
  }
  return { read: Slot.read, write: Slot.write };
}
