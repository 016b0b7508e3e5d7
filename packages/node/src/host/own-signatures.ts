/**
 * Start-up's last question before signing: has this key signed more than its sign state remembers? (consensus §1.7)
 * Owns the search through recent certificates.
 */
import { decodeExtendedCommit } from '@synod/chain';
import { type ChainHead, validatorsAt } from './chain-head.ts';
import { limits } from './limits.ts';
import type { ConsensusSigner, Store } from './ports.ts';

/** Why signing would be unsafe, or null. */
export function ownSignatureProblem(options: {
  readonly head: ChainHead;
  readonly store: Store;
  readonly signer: ConsensusSigner;
}): string | null {
  const { head, store, signer } = options;
  const oldest = Math.max(1, head.height - limits.ownSignatureSearchHeights);
  for (let height = head.height; height >= oldest && height > signer.lastSignedHeight; height--) {
    const stored = store.block(height);
    const commit = stored === null ? null : decodeExtendedCommit(stored.commit);
    const index = validatorsAt(head, height)?.findIndex(({ publicKey }) => publicKey === signer.publicKey) ?? -1;
    if (!commit?.ok || !commit.value.precommits.some(({ validator }) => validator === index)) continue;
    return (
      `block ${height} carries this validator's signature but the sign state ends at ${signer.lastSignedHeight}: ` +
      "the sign state is older than the key's last use; restore the newest one before signing again"
    );
  }
  return null;
}
