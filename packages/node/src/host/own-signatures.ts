/**
 * Whether this node's key has signed more than its sign state remembers (consensus §1.7): then the sign state is an older
 * copy. Owns the search through recent certificates.
 */
import { decodeExtendedCommit, type Height } from '@synod/chain';
import { type ChainHead, validatorsAt } from './chain-head.ts';
import type { ConsensusSigner, OwnSigned, Store } from './ports.ts';

/** Newest of the last `heights` blocks whose certificate carries a signature beyond the sign state, or null. */
export function newestForgottenSignature(options: {
  readonly head: ChainHead;
  readonly store: Store;
  readonly signer: ConsensusSigner;
  readonly heights: number;
}): Height | null {
  const { head, store, signer, heights } = options;
  const signed = signer.signed();
  const oldest = Math.max(1, head.height - heights, signed.height);
  for (let height = head.height; height >= oldest; height--) {
    const stored = store.block(height);
    const commit = stored === null ? null : decodeExtendedCommit(stored.commit);
    const index = validatorsAt(head, height)?.findIndex(({ publicKey }) => publicKey === signer.publicKey) ?? -1;
    if (!commit?.ok || !commit.value.precommits.some(({ validator }) => validator === index)) continue;
    if (isBeyond(signed, height, commit.value.round)) return height;
  }
  return null;
}

/** A precommit of this place comes after the last signature. */
function isBeyond({ height, round, step }: OwnSigned, signedHeight: Height, signedRound: number): boolean {
  if (signedHeight !== height) return signedHeight > height;
  return signedRound > round || (signedRound === round && step !== 'precommit');
}
