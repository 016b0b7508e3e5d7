/** The verdict of reading untrusted bytes or text. Owns the shape only. */

/** Either the value, or why there is none; a reader of peer data returns this and never throws. */
export type Decoded<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };

/** A successful verdict. */
export function decoded<T>(value: T): Decoded<T> {
  return { ok: true, value };
}

/** A refusal; `reason` is for logs and error texts, not for programs to compare. */
export function notDecoded<T>(reason: string): Decoded<T> {
  return { ok: false, reason };
}
