/**
 * Weak subjectivity (consensus §1.15): a node that is new or was away for long believes no chain but the one that contains
 * a block it was told of by somebody it trusts. Owns the comparison and its error; where the checkpoint comes from is the
 * operator's business.
 */
import { type Hash, type Height, SynodError } from '@synod/chain';

/** A block that the operator trusts to be final. Height 0 names the genesis by its hash. */
export type Checkpoint = { readonly height: Height; readonly hash: Hash };

/** As `synod status` prints it and `--checkpoint` takes it. */
export function checkpointText({ height, hash }: Checkpoint): string {
  return `${height}@0x${hash}`;
}

/** Throws `CHECKPOINT_MISMATCH` when `hash` is at the checkpoint's height and is not the block it names. */
export function requireCheckpoint(checkpoint: Checkpoint | null, height: Height, hash: Hash): void {
  if (checkpoint === null || checkpoint.height !== height || checkpoint.hash === hash) return;
  throw new SynodError(
    'CHECKPOINT_MISMATCH',
    `The chain offered here has block 0x${hash} at height ${height}, but the checkpoint says 0x${checkpoint.hash}. ` +
      'Either the checkpoint is wrong or these peers follow another chain: nothing of it was kept from that height on. ' +
      'Compare the checkpoint with a source you trust, then start again with the right one and an empty data directory.',
    { facts: { height, found: hash, expected: checkpoint.hash } },
  );
}
