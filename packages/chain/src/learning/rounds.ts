/**
 * A training round's life (spec: learning §4): opened with feedback, dealt by the next block's beacon, then windows in heights. Owns
 * the moves between phases; what counts within one is deltas.ts and gate.ts, what it comes to is close-round.ts.
 */
import { taggedHash } from '../codec/index.ts';
import { fromHex } from '../crypto/hex.ts';
import { drawCommittee } from '../market/committee.ts';
import type { PhaseContext } from '../market/phases.ts';
import { arePresentDone } from '../market/presence.ts';
import { handsOf } from '../rewards/hands.ts';
import { readValidatorRecord } from '../state/records.ts';
import type { Overlay, StateView } from '../state/view.ts';
import {
  type Evaluator,
  type LearningLine,
  PPM,
  type RoundPhase,
  type TrainingRound,
  ZERO_HASH,
} from '../types/index.ts';
import { judgeVersions } from './canary.ts';
import { closeRound } from './close-round.ts';
import { roundId } from './commitments.ts';
import {
  listLines,
  readFeedback,
  readLine,
  readRound,
  writeFeedback,
  writeLine,
  writeRound,
} from './learning-records.ts';
import { dealTrainers } from './shards.ts';

/** With this block's beacon: deals out the rounds opened in the block before, and draws the gate of those whose deltas closed there. */
export function seedRounds(overlay: Overlay, context: PhaseContext): void {
  forEachRound(overlay, (round) => {
    if (round.phase === 'assigning') deal(overlay, round, context);
    else if (round.phase === 'gating' && round.gateSeed === ZERO_HASH) convene(overlay, round, context);
  });
}

/** At the end of a block: rounds move on, versions are judged, and where enough feedback waits a round opens. */
export function turnLearning(overlay: Overlay, context: PhaseContext): void {
  advanceRounds(overlay, context);
  judgeVersions(overlay, context);
  openRounds(overlay, context);
}

/** Moves on every round whose phase is complete or at its deadline. */
function advanceRounds(overlay: Overlay, context: PhaseContext): void {
  forEachRound(overlay, (round) => {
    if (isOver(overlay, round, context)) advance(overlay, round, context);
  });
}

/** Opens a round where enough feedback waits, and at an epoch's end where any does. */
function openRounds(overlay: Overlay, context: PhaseContext): void {
  const { height, params } = context;
  const least = height % params.staking.epochHeights === 0 ? 1 : params.learning.roundItems;
  for (const domain of listLines(overlay)) {
    const line = readLine(overlay, domain)!;
    if (line.waiting.length < least || line.canary !== null || readRound(overlay, domain) !== null) continue;
    open(overlay, line, context);
  }
}

function forEachRound(overlay: Overlay, step: (round: TrainingRound) => void): void {
  for (const domain of listLines(overlay)) {
    const round = readRound(overlay, domain);
    if (round !== null) step(round);
  }
}

function open(overlay: Overlay, line: LearningLine, { height, params, emit }: PhaseContext): void {
  const { domain, waiting, stable: base } = line;
  const { roundItems, accountShare, aggregator, normMax, shardCopies } = params.learning;
  const perAccount = Math.max(1, Math.floor((roundItems * accountShare) / PPM));
  const items = oldestWithin(overlay, line, { count: roundItems, perAccount });
  const round: TrainingRound = {
    id: roundId(domain, height),
    domain,
    openedAt: height,
    base,
    rule: { aggregator, normMax, shardCopies },
    phase: 'assigning',
    deadline: height + 1,
    seed: ZERO_HASH,
    gateSeed: ZERO_HASH,
    items,
    trainers: [],
    evaluators: [],
  };
  for (const number of items) writeFeedback(overlay, { ...readFeedback(overlay, domain, number)!, state: 'training' });
  writeLine(overlay, { ...line, waiting: waiting.filter((number) => !items.includes(number)) });
  writeRound(overlay, round);
  emit({ type: 'round.opened', domain, round: round.id, base, items });
}

/** The influence cap (learning §2.4): of what waits, the oldest, but no more of one account's hands than its share. */
function oldestWithin(
  view: StateView,
  { domain, waiting }: LearningLine,
  { count, perAccount }: { readonly count: number; readonly perAccount: number },
): readonly number[] {
  const taken = new Map<string, number>();
  const items: number[] = [];
  for (const number of waiting) {
    if (items.length === count) break;
    const hands = handsOf(view, readFeedback(view, domain, number)!.author);
    const own = taken.get(hands) ?? 0;
    if (own >= perAccount) continue;
    taken.set(hands, own + 1);
    items.push(number);
  }
  return items;
}

function deal(overlay: Overlay, round: TrainingRound, context: PhaseContext): void {
  const seed = taggedHash('synod/round-seed/1', fromHex(context.beacon), fromHex(round.id));
  const { trainersMax, trainWindow } = context.params.learning;
  // No more than there are items: everybody has something to learn, and no two the same.
  const trainers = dealTrainers(overlay, round.domain, seed, Math.min(trainersMax, round.items.length));
  enter(overlay, { ...round, seed, trainers }, { phase: 'training', window: trainWindow }, context);
}

/** Evaluators are the validators, or a committee of them (market §6.9), with their power at this height. */
function convene(overlay: Overlay, round: TrainingRound, { beacon, params }: PhaseContext): void {
  const gateSeed = taggedHash('synod/gate-seed/1', fromHex(beacon), fromHex(round.id));
  const { validators } = readValidatorRecord(overlay);
  const evaluators = drawCommittee(gateSeed, validators, params).map(
    ({ operator, power }): Evaluator => ({ operator, power, commitment: null, report: null }),
  );
  writeRound(overlay, { ...round, gateSeed, evaluators });
}

/** A phase ends early when everybody it waits for has delivered, else at its deadline. */
function isOver(overlay: Overlay, round: TrainingRound, context: PhaseContext): boolean {
  return context.height >= round.deadline || isComplete(overlay, round, context);
}

function isComplete(overlay: Overlay, round: TrainingRound, context: PhaseContext): boolean {
  const { phase, trainers, evaluators } = round;
  switch (phase) {
    case 'assigning':
      return false;
    case 'training':
      return trainers.every(({ commitment }) => commitment !== null);
    case 'revealing':
      return trainers.every(({ commitment, delta }) => commitment === null || delta?.isAvailable === true);
    case 'gating':
      return arePresentDone(overlay, evaluators, ({ commitment }) => commitment !== null, context);
    case 'gateRevealing': {
      const committed = evaluators.filter(({ commitment }) => commitment !== null);
      return arePresentDone(overlay, committed, ({ report }) => report !== null, context);
    }
  }
}

/** One move; a phase that nobody can deliver in is skipped. */
function advance(overlay: Overlay, round: TrainingRound, context: PhaseContext): void {
  const { deltaWindow, gateWindow, gateRevealWindow } = context.params.learning;
  const gate = { phase: 'gating', window: gateWindow } as const;
  switch (round.phase) {
    case 'assigning':
      return;
    case 'training':
      if (round.trainers.every(({ commitment }) => commitment === null)) return enter(overlay, round, gate, context);
      return enter(overlay, round, { phase: 'revealing', window: deltaWindow }, context);
    case 'revealing':
      // Deltas whose blobs did not come have been given up: they had the same deadline (attest.ts).
      return enter(overlay, round, gate, context);
    case 'gating':
      if (round.evaluators.every(({ commitment }) => commitment === null)) return closeRound(overlay, round, context);
      return enter(overlay, round, { phase: 'gateRevealing', window: gateRevealWindow }, context);
    case 'gateRevealing':
      return closeRound(overlay, round, context);
  }
}

function enter(
  overlay: Overlay,
  round: TrainingRound,
  { phase, window }: { readonly phase: RoundPhase; readonly window: number },
  { height, emit }: PhaseContext,
): void {
  const deadline = height + window;
  writeRound(overlay, { ...round, phase, deadline });
  emit({ type: 'round.phase', domain: round.domain, round: round.id, phase, deadline });
}
