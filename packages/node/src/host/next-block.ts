/** The block that this node proposes: the chain's builder with what this node's rooms hold for it. Owns nothing but the joining. */
import {
  type BuildBlockInput,
  type BuiltBlock,
  beaconAlpha,
  type Evidence,
  type ExtendedCommit,
  readBeacon,
} from '@synod/chain';
import { type ChainHead, type ChainIdentity, parentBlock } from './chain-head.ts';
import type { Judge } from './judge.ts';
import type { ConsensusSigner } from './ports.ts';

/** The block after the head, proposed by the signer's operator; null where the beacon key cannot be reached. */
export function buildNextBlock(options: {
  readonly head: ChainHead;
  readonly identity: ChainIdentity;
  readonly signer: ConsensusSigner;
  readonly judge: Judge;
  readonly transactions: BuildBlockInput['transactions'];
  readonly evidence: readonly Evidence[];
  readonly timeMs: number;
  readonly lastCommit: ExtendedCommit | null;
}): BuiltBlock | null {
  const { head, identity, signer, judge, transactions, evidence, timeMs, lastCommit } = options;
  const { height, state } = head;
  const beacon = readBeacon(state, height);
  if (beacon === null) throw new TypeError(`no beacon at height ${height}`);
  const beaconProof = signer.proveBeacon(beaconAlpha(beacon, height + 1));
  if (beaconProof === null) return null;
  return judge.execution.buildBlock({
    state,
    parent: parentBlock(head, identity),
    lastCommit,
    transactions,
    isSignatureValid: judge.isSignatureValid,
    evidence,
    verify: judge.crypto.verifySignature,
    verifyBeacon: judge.crypto.verifyBeacon,
    time: timeMs,
    beaconProof,
    proposer: signer.operator,
  });
}
