/**
 * Whether a state record has a value, or none, after a height, by a header somebody trusts (spec: light-client §6.6).
 * Owns which header speaks for which height. Decoding the value is the reader's.
 */
import { type Header, type Height, type StateProof, verifyStateProof } from '@synod/chain';

export type StateVerdict =
  /** `value` is null where the proof shows that the key has none. */
  | { readonly ok: true; readonly height: Height; readonly value: Uint8Array | null }
  | { readonly ok: false; readonly code: 'STATE_HEIGHT_WRONG' | 'STATE_PROOF_BAD'; readonly reason: string };

/**
 * Checks a proof of `key` after `height` against the header of the next height, which carries that state's root. The header
 * must be trusted already: verify its light block first. Total on whatever the proof is.
 */
export function verifyStateAt(claim: {
  readonly key: string;
  readonly height: Height;
  readonly proof: StateProof;
  readonly header: Header;
}): StateVerdict {
  const { key, height, proof, header } = claim;
  if (header.height !== height + 1) {
    const reason = `state after ${height} is proven by header ${height + 1}, not ${header.height}`;
    return { ok: false, code: 'STATE_HEIGHT_WRONG', reason };
  }
  const read = verifyStateProof({ root: header.stateRoot, key, proof });
  return read.ok
    ? { ok: true, height, value: read.value }
    : { ok: false, code: 'STATE_PROOF_BAD', reason: read.reason };
}
