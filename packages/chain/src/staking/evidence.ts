/**
 * Proof that a validator signed two different things for one slot (consensus §1.13, spec: state §7).
 * Owns its check and its record; what it costs is slashing.ts.
 */
import { encodeU64, proposalSignBytes, taggedHash, voteSignBytes } from '../codec/index.ts';
import type { VerifySignature } from '../state/check-transaction.ts';
import type { EmitEvent } from '../state/events.ts';
import { stateKeys } from '../state/keys.ts';
import { readPastHeader } from '../state/past-headers.ts';
import { readParams } from '../state/records.ts';
import type { Overlay, StateView } from '../state/view.ts';
import type { Address, Evidence, Hash, Height, TimestampMs, Validator } from '../types/index.ts';
import { readValidatorsAt } from './validator-sets.ts';

/** Name of the slot that was signed twice: two proofs about one slot are one offence. */
export function evidenceId(evidence: Evidence): Hash {
  const { height, round } = evidence.first;
  const type = evidence.kind === 'duplicate.vote' ? evidence.first.type : 'proposal';
  const slot = `${offender(evidence)}/${height}/${round}/${type}`;
  return taggedHash('synod/evidence/1', new TextEncoder().encode(slot));
}

/** The validator that the evidence accuses. */
export function offender(evidence: Evidence): Address {
  return evidence.kind === 'duplicate.vote' ? evidence.first.validator : evidence.first.proposer;
}

/** The same evidence without the extensions of its votes: the form that may stand in a block. */
export function stripEvidence(evidence: Evidence): Evidence {
  if (evidence.kind === 'duplicate.proposal') return evidence;
  const { first, second, kind } = evidence;
  return { kind, first: { ...first, extension: null }, second: { ...second, extension: null } };
}

export type EvidenceContext = {
  readonly chainId: string;
  /** Height of the block that carries it. */
  readonly height: Height;
  /** Time of that block. */
  readonly time: TimestampMs;
  readonly verify: VerifySignature;
};

/** A stable code of what is wrong with the evidence, or null when it is good and new to this state. */
export function evidenceProblem(view: StateView, evidence: Evidence, context: EvidenceContext): string | null {
  const { first, second } = evidence;
  if (first.height !== second.height || first.round !== second.round) return 'EVIDENCE_SLOT_DIFFERS';
  if (first.blockId === second.blockId) return 'EVIDENCE_NOT_CONFLICTING';
  if (first.height >= context.height) return 'EVIDENCE_FROM_FUTURE';
  if (isTooOld(view, first.height, context)) return 'EVIDENCE_TOO_OLD';
  const validator = readValidatorsAt(view, first.height)?.find(({ operator }) => operator === offender(evidence));
  if (validator === undefined) return 'EVIDENCE_NOT_A_VALIDATOR';
  if (view.get(stateKeys.evidence(evidenceId(evidence))) != null) return 'EVIDENCE_KNOWN';
  return isSignedTwice(evidence, validator, context) ? null : 'EVIDENCE_NOT_PROVEN';
}

/** Good while within both bounds: heights and time, each counted from the block that carries it (staking §6.3). */
function isTooOld(view: StateView, about: Height, { height, time }: EvidenceContext): boolean {
  const { evidenceAgeHeights, evidenceAgeMs } = readParams(view).staking;
  if (about < height - evidenceAgeHeights) return true;
  const past = readPastHeader(view, about);
  return past === null || past.time < time - evidenceAgeMs;
}

/** Records evidence that was found good. */
export function recordEvidence(overlay: Overlay, evidence: Evidence, height: Height, emit: EmitEvent): void {
  const id = evidenceId(evidence);
  overlay.set(stateKeys.evidence(id), encodeU64(BigInt(height)));
  emit({ type: 'evidence.recorded', evidence: id, validator: offender(evidence) });
}

function isSignedTwice(evidence: Evidence, { publicKey }: Validator, { chainId, verify }: EvidenceContext): boolean {
  if (evidence.kind === 'duplicate.proposal') {
    const { first, second } = evidence;
    if (first.proposer !== second.proposer) return false;
    return [first, second].every((proposal) =>
      verify(publicKey, proposalSignBytes(chainId, proposal), proposal.signature),
    );
  }
  const { first, second } = evidence;
  if (first.validator !== second.validator || first.type !== second.type) return false;
  if (first.extension !== null || second.extension !== null) return false;
  return [first, second].every((vote) => verify(publicKey, voteSignBytes(chainId, vote), vote.signature));
}
