/**
 * Which blobs the chain waits for, who holds them, and when that is enough (spec: learning §3). Owns the list of pending blobs
 * and what their arrival or loss does to feedback and to a round's deltas; the bytes travel elsewhere.
 */
import assert from 'node:assert/strict';
import { CHAIN_LIMITS } from '../limits.ts';
import type { EmitEvent } from '../state/events.ts';
import { readValidatorRecord } from '../state/records.ts';
import type { Overlay, StateView } from '../state/view.ts';
import type { Address, Hash, Height, PendingBlob, RevealedDelta } from '../types/index.ts';
import { settleDeposit } from './deposit.ts';
import {
  listPendingBlobs,
  readFeedback,
  readLine,
  readRound,
  writeFeedback,
  writeLine,
  writePendingBlobs,
  writeRound,
} from './learning-records.ts';

/** A blob that is to wait. */
export type AwaitedBlob = Omit<PendingBlob, 'attested'>;

/** What one validator's extension attests. */
export type Attestation = { readonly validator: Address; readonly contents: readonly Hash[] };

/**
 * Whether the blob may wait: `full` where as many of its kind do as may, `taken` where one with the same content does. An
 * attestation names content alone, so one content waits for one record only; deltas of one round and length may be the same.
 */
export function blobRoom(view: StateView, blob: Omit<AwaitedBlob, 'deadline'>): 'ok' | 'full' | 'taken' {
  const pending = listPendingBlobs(view);
  const same = pending.filter(({ content }) => content === blob.content);
  if (same.some((other) => !isSameDelta(other, blob))) return 'taken';
  const { kind } = blob.owner;
  const count = pending.filter(({ owner }) => owner.kind === kind).length;
  return count < CHAIN_LIMITS.pendingBlobsMax ? 'ok' : 'full';
}

/** Puts a blob on the list; the caller has asked {@link blobRoom}. */
export function awaitBlob(overlay: Overlay, blob: AwaitedBlob): void {
  writePendingBlobs(overlay, [...listPendingBlobs(overlay), { ...blob, attested: [] }]);
}

/**
 * Notes what validators attest and makes available what more than 2/3 of the present power holds. Attestations of nothing that
 * waits, of the same twice, by nobody in the set, and too many at once are ignored.
 */
export function applyAttestations(
  overlay: Overlay,
  attestations: readonly Attestation[],
  { emit }: { readonly emit: EmitEvent },
): void {
  if (attestations.length === 0) return;
  const { validators } = readValidatorRecord(overlay);
  const powers = new Map(validators.map(({ operator, power }) => [operator, power]));
  const holders = holdersOf(attestations.filter(({ validator }) => powers.has(validator)));
  const pending = listPendingBlobs(overlay);
  const total = validators.reduce((sum, { power }) => sum + power, 0n);
  const next = pending.flatMap((blob): PendingBlob[] => {
    const coming = [...(holders.get(blob.content) ?? [])].filter((validator) => !blob.attested.includes(validator));
    if (coming.length === 0) return [blob];
    const attested = [...blob.attested, ...coming].sort();
    const power = attested.reduce((sum, validator) => sum + (powers.get(validator) ?? 0n), 0n);
    if (3n * power <= 2n * total) return [{ ...blob, attested }];
    makeAvailable(overlay, blob);
    emit({ type: 'blob.available', content: blob.content, owner: blob.owner });
    return [];
  });
  writePendingBlobs(overlay, next);
}

/** At the end of a block: gives up the blobs whose time is over. */
export function expireBlobs(
  overlay: Overlay,
  { height, emit }: { readonly height: Height; readonly emit: EmitEvent },
): void {
  const pending = listPendingBlobs(overlay);
  const late = pending.filter(({ deadline }) => height >= deadline);
  if (late.length === 0) return;
  for (const blob of late) {
    giveUp(overlay, blob);
    emit({ type: 'blob.lost', content: blob.content, owner: blob.owner });
  }
  writePendingBlobs(
    overlay,
    pending.filter((blob) => !late.includes(blob)),
  );
}

function isSameDelta(one: Pick<PendingBlob, 'owner' | 'bytes'>, other: Pick<PendingBlob, 'owner' | 'bytes'>): boolean {
  const isDelta = one.owner.kind === 'delta' && other.owner.kind === 'delta';
  return isDelta && one.owner.domain === other.owner.domain && one.bytes === other.bytes;
}

function holdersOf(attestations: readonly Attestation[]): ReadonlyMap<Hash, ReadonlySet<Address>> {
  const holders = new Map<Hash, Set<Address>>();
  for (const { validator, contents } of attestations) {
    if (contents.length > CHAIN_LIMITS.attestationsMax) continue;
    for (const content of contents) holders.set(content, (holders.get(content) ?? new Set()).add(validator));
  }
  return holders;
}

function makeAvailable(overlay: Overlay, blob: PendingBlob): void {
  const { owner } = blob;
  if (owner.kind === 'delta') return setDelta(overlay, blob, (delta) => ({ ...delta, isAvailable: true }));
  const feedback = readFeedback(overlay, owner.domain, owner.number);
  const line = readLine(overlay, owner.domain);
  assert.ok(feedback !== null && line !== null, 'feedback that waits has a record and a line');
  writeFeedback(overlay, { ...feedback, state: 'available' });
  writeLine(overlay, { ...line, waiting: [...line.waiting, owner.number].sort((a, b) => a - b) });
}

function giveUp(overlay: Overlay, blob: PendingBlob): void {
  const { owner } = blob;
  if (owner.kind === 'delta') return setDelta(overlay, blob, () => null);
  const feedback = readFeedback(overlay, owner.domain, owner.number);
  assert.ok(feedback !== null, 'feedback that waits has a record');
  writeFeedback(overlay, { ...settleDeposit(overlay, feedback, 'burn'), state: 'lost' });
}

/** Without effect once the round is over: the blob of an old one says nothing about the next. */
function setDelta(
  overlay: Overlay,
  { owner, content }: PendingBlob,
  change: (delta: RevealedDelta) => RevealedDelta | null,
): void {
  const round = owner.kind === 'delta' ? readRound(overlay, owner.domain) : null;
  if (round === null || owner.kind !== 'delta') return;
  const trainers = round.trainers.map((trainer, at) =>
    at === owner.trainer && trainer.delta?.content === content ? { ...trainer, delta: change(trainer.delta) } : trainer,
  );
  writeRound(overlay, { ...round, trainers });
}
