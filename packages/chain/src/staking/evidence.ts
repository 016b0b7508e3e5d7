/**
 * Proof of misconduct that a block carries (consensus §1.13, spec: state §7.5): two things signed for one slot, or an attack on
 * light clients. Owns its check and its record; what it costs is slashing.ts, the form of an attack light-attack.ts.
 */
import { encodeU64, proposalSignBytes, taggedHash, voteSignBytes } from '../codec/index.ts';
import type { VerifySignature } from '../state/check-transaction.ts';
import type { EmitEvent } from '../state/events.ts';
import { stateKeys } from '../state/keys.ts';
import { readPastHeader } from '../state/past-headers.ts';
import { readParams } from '../state/records.ts';
import type { Overlay, StateView } from '../state/view.ts';
import type { Address, DuplicateEvidence, Evidence, Hash, Height, TimestampMs, Validator } from '../types/index.ts';
import { attackKind, attackProblem, isAttackSigned } from './light-attack.ts';
import { readPool } from './stake-records.ts';
import { readValidatorsAt } from './validator-sets.ts';

/** What one validator did: two proofs about one slot are one offence, and the first one that is punished bars it. */
export type Offence = { readonly id: Hash; readonly validator: Address };

/** Every offence the evidence is about: one, or that of each signer of an attack. */
export function offencesOf(evidence: Evidence): readonly Offence[] {
  const { height, round } = slotOf(evidence);
  return offenders(evidence).map((validator) => {
    const slot = `${validator}/${height}/${round}/${deedOf(evidence)}`;
    return { id: taggedHash('synod/evidence/1', new TextEncoder().encode(slot)), validator };
  });
}

/** The validators that the evidence accuses. */
export function offenders(evidence: Evidence): readonly Address[] {
  switch (evidence.kind) {
    case 'duplicate.vote':
      return [evidence.first.validator];
    case 'duplicate.proposal':
      return [evidence.first.proposer];
    case 'light.attack':
      return evidence.conflicting.signatures.map(({ validator }) => validator);
  }
}

/** Height and round that the evidence is about. */
export function slotOf(evidence: Evidence): { readonly height: Height; readonly round: number } {
  if (evidence.kind !== 'light.attack') return evidence.first;
  const { header, round } = evidence.conflicting;
  return { height: header.height, round };
}

/** An attack in one round is nothing but two precommits. */
function deedOf(evidence: Evidence): string {
  if (evidence.kind === 'duplicate.vote') return evidence.first.type;
  if (evidence.kind === 'duplicate.proposal') return 'proposal';
  return attackKind(evidence.trusted, evidence.conflicting) === 'lunatic' ? 'lunatic' : 'precommit';
}

/** The same evidence without the extensions of its votes: the form that may stand in a block. */
export function stripEvidence(evidence: Evidence): Evidence {
  if (evidence.kind !== 'duplicate.vote') return evidence;
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

/**
 * A stable code of what is wrong with the evidence, or null when it is good and accuses somebody who is not barred yet and
 * not among `seen`. Signatures come last.
 */
export function evidenceProblem(
  view: StateView,
  evidence: Evidence,
  context: EvidenceContext,
  seen: ReadonlySet<Address> = new Set(),
): string | null {
  const form = evidence.kind === 'light.attack' ? attackProblem(view, evidence) : duplicateProblem(evidence);
  if (form !== null) return form;
  if (slotOf(evidence).height >= context.height) return 'EVIDENCE_FROM_FUTURE';
  if (isTooOld(view, oldestHeightOf(evidence), context)) return 'EVIDENCE_TOO_OLD';
  const keys = keysOfOffenders(view, evidence);
  if (keys.size !== offenders(evidence).length) return 'EVIDENCE_NOT_A_VALIDATOR';
  if (offenders(evidence).every((who) => seen.has(who) || isBarred(view, who))) return 'EVIDENCE_KNOWN';
  return isSigned(evidence, keys, context) ? null : 'EVIDENCE_NOT_PROVEN';
}

/** True when nothing can come of the evidence any more: everybody it accuses is barred, or it is too old. */
export function isEvidenceOver(
  view: StateView,
  evidence: Evidence,
  at: { readonly height: Height; readonly time: TimestampMs },
): boolean {
  const about = oldestHeightOf(evidence);
  if (about < at.height && isTooOld(view, about, at)) return true;
  return offenders(evidence).every((who) => isBarred(view, who));
}

/** Records evidence that was found good; returns the validators that it bars. */
export function recordEvidence(
  overlay: Overlay,
  evidence: Evidence,
  { height, emit }: { readonly height: Height; readonly emit: EmitEvent },
): readonly Address[] {
  const news = offencesOf(evidence).filter(({ validator }) => !isBarred(overlay, validator));
  for (const { id, validator } of news) {
    overlay.set(stateKeys.evidence(id), encodeU64(BigInt(height)));
    emit({ type: 'evidence.recorded', evidence: id, validator });
  }
  return news.map(({ validator }) => validator);
}

/**
 * Barred for ever already (staking §6.1): more evidence could change nothing, and whoever holds the key could make it without
 * end, in the place of evidence about others.
 */
function isBarred(view: StateView, validator: Address): boolean {
  return readPool(view, validator)?.status === 'tombstoned';
}

function duplicateProblem({ first, second }: DuplicateEvidence): string | null {
  if (first.height !== second.height || first.round !== second.round) return 'EVIDENCE_SLOT_DIFFERS';
  return first.blockId === second.blockId ? 'EVIDENCE_NOT_CONFLICTING' : null;
}

/** The age of an attack counts from the last block that both sides share: its set may be what names the signers. */
function oldestHeightOf(evidence: Evidence): Height {
  return evidence.kind === 'light.attack' ? evidence.commonHeight : evidence.first.height;
}

/**
 * Too old when beyond both bounds, heights and time, each counted from the block that carries it (staking §6.3), or when state has
 * forgotten the height. A chain that stands still lets no stake leave: were time alone enough, a third that stops the chain for
 * long enough would go free.
 */
function isTooOld(view: StateView, about: Height, { height, time }: Pick<EvidenceContext, 'height' | 'time'>): boolean {
  const { evidenceAgeHeights, evidenceAgeMs } = readParams(view).staking;
  const past = readPastHeader(view, about);
  if (past === null) return true;
  return about < height - evidenceAgeHeights && past.time < time - evidenceAgeMs;
}

/** Each offender's entries in the sets that may name it; whoever is in none is left out. */
function keysOfOffenders(view: StateView, evidence: Evidence): ReadonlyMap<Address, readonly Validator[]> {
  const heights = new Set([
    slotOf(evidence).height,
    ...(evidence.kind === 'light.attack' ? [evidence.commonHeight + 1] : []),
  ]);
  const members = [...heights].flatMap((height) => readValidatorsAt(view, height) ?? []);
  const entries = offenders(evidence).map((who) => [who, members.filter(({ operator }) => operator === who)] as const);
  return new Map(entries.filter(([, found]) => found.length > 0));
}

function isSigned(
  evidence: Evidence,
  keys: ReadonlyMap<Address, readonly Validator[]>,
  { chainId, verify }: EvidenceContext,
): boolean {
  const by = (who: Address, message: Uint8Array, signature: Uint8Array): boolean => {
    const own = new Set(keys.get(who)?.map(({ publicKey }) => publicKey));
    return [...own].some((key) => verify(key, message, signature));
  };
  switch (evidence.kind) {
    case 'duplicate.vote': {
      const { first, second } = evidence;
      if (first.validator !== second.validator || first.type !== second.type) return false;
      if (first.extension !== null || second.extension !== null) return false;
      return [first, second].every((vote) => by(vote.validator, voteSignBytes(chainId, vote), vote.signature));
    }
    case 'duplicate.proposal': {
      const { first, second } = evidence;
      if (first.proposer !== second.proposer) return false;
      return [first, second].every((one) => by(one.proposer, proposalSignBytes(chainId, one), one.signature));
    }
    case 'light.attack':
      return isAttackSigned(evidence, chainId, by);
  }
}
