/**
 * Whether a signer would sign twice if it were asked to: a second signer over a copy of a node's sign state is asked for
 * what the first has signed, in other words, and for what lies before. Owns the questions; that nothing was signed twice
 * in earnest is watched by checker.ts.
 */
import { type Hash, type Height, type Round, taggedHash, type VoteType } from '@synod/chain';
import { createConsensusSigner } from '@synod/node/durable';
import { type ConsensusSigner, walRecordKind } from '@synod/node/host';
import { agreementOf } from './keys.ts';
import type { SimNode } from './sim-node.ts';

const steps = ['propose', 'prevote', 'precommit'] as const;
type Place = { readonly height: Height; readonly round: Round; readonly step: (typeof steps)[number] };

/** True while a block that the node has built is nowhere but in its process: it may not be signed (consensus §1.8). */
export function isBuiltUnsynced({ disk, isHonest }: SimNode): boolean {
  const lost = disk.unsyncedRecords === 0 || !isHonest ? [] : disk.wholeLog.slice(-disk.unsyncedRecords);
  return lost.some((record) => walRecordKind(record) === 'localValue');
}

/** What the signer gave away, or null. */
export function signerProblem(node: SimNode): string | null {
  const { signState } = node.disk;
  if (signState === null || signState.height === 0 || node.disk.isSignStateDamaged) return null;
  const { height, round, step } = signState;
  const earlier = steps.slice(0, steps.indexOf(step)).map((before) => ({ height, round, step: before }));
  const places: readonly Place[] = [
    signState,
    ...earlier,
    ...(round > 0 ? [{ height, round: round - 1, step: 'precommit' as const }] : []),
    ...(height > 1 ? [{ height: height - 1, round: round + 1, step: 'precommit' as const }] : []),
  ];
  const other = taggedHash('simulator/other', Buffer.from(`${height}/${round}`));
  for (const place of places) {
    if (signs(copyOf(node), place, other))
      return `signs ${place.step} of height ${place.height}, round ${place.round} after ${step} of ${height}/${round}`;
  }
  return null;
}

function signs(signer: ConsensusSigner, { height, round, step }: Place, blockId: Hash): boolean {
  if (step === 'propose') return signer.signProposal({ height, round, polRound: -1, blockId }).ok;
  const type: VoteType = step;
  const extension = type === 'precommit' ? new Uint8Array() : null;
  return signer.signVote({ type, height, round, blockId, extension }).ok;
}

function copyOf({ disk, world, keys, operator }: SimNode): ConsensusSigner {
  const { signState, lockedProposal } = disk;
  if (signState === null) throw new TypeError('nothing was signed');
  const { tier, cast } = world;
  return createConsensusSigner({
    chainId: cast.identity.chainId,
    operator,
    state: { initial: signState, initialLocked: lockedProposal, save: () => undefined },
    keys: {
      publicKey: keys.consensus.publicKey,
      sign: (message) => tier.sign(keys.consensus, message),
      prove: (alpha) => tier.prove(keys.beacon, alpha),
      deriveSecret: (label) => tier.deriveSecret(keys.consensus, label),
      agree: agreementOf(keys.consensus),
    },
  });
}
