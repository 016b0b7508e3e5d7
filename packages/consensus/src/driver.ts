/**
 * Decides which rule of Algorithm 1 fires next, given all messages of the height, and turns its effects into the host's.
 * Owns the guards over proposals, verdicts and votes, their fixed priority (consensus §1.2), and entering rounds.
 * Does not own what a rule does to the round state (round-machine.ts) nor how messages are taken in (inputs.ts).
 */
import { type Proposal, type Round, SynodError, type TimeoutParams } from '@synod/chain';
import type { ConsensusEffect, ConsensusState, StepResult } from './consensus-types.ts';
import { admitParkedVotes } from './inputs.ts';
import { limits } from './limits.ts';
import { type RoundEffect, type RoundInput, type SignedPlace, type TimeoutKind, transition } from './round-machine.ts';
import {
  forgetNilVotes,
  hasQuorumAny,
  hasQuorumFor,
  hasSkipPower,
  quorumBlocks,
  roundsWithVotes,
} from './vote-keeper.ts';

type Rule = (state: ConsensusState) => RoundInput | null;

/** In order of priority: the first that is enabled fires. Replaying a log depends on this order (consensus §1.2). */
const RULES: readonly Rule[] = [
  decideRule,
  polkaValueRule,
  polkaNilRule,
  earlierPolkaRule,
  proposalWithPolRule,
  proposalRule,
  polkaAnyRule,
  precommitAnyRule,
  skipRule,
];

/** Every enabled rule, best first. */
export function enabledRules(state: ConsensusState): readonly RoundInput[] {
  if (state.decision !== null) return [];
  return RULES.map((rule) => rule(state)).filter((input) => input !== null);
}

/** Fires rules until none is enabled. */
export function settle(state: ConsensusState): StepResult {
  const effects: ConsensusEffect[] = [];
  let current = state;
  for (let fired = 0; fired < limits.rulesPerStepMax; fired++) {
    const rule = firstEnabled(current);
    if (rule === null) {
      const asked = askForDecidedBlock(current);
      return { state: asked.state, effects: [...effects, ...asked.effects] };
    }
    const result = fire(current, rule);
    current = result.state;
    effects.push(...result.effects);
  }
  throw new SynodError(
    'CONSENSUS_RULES_LOOP',
    'Consensus rules keep firing without an end. Stop and report this bug.',
    {
      facts: { height: state.context.height, round: current.machine.round },
    },
  );
}

/** Applies one input to the round state and translates its effects. */
export function fire(state: ConsensusState, input: RoundInput): StepResult {
  const { round } = state.machine;
  const outcome = transition(state.machine, input);
  const marked: ConsensusState = {
    ...state,
    machine: outcome.state,
    prevoteTimeoutRound: input.kind === 'polkaAny' ? round : state.prevoteTimeoutRound,
    precommitTimeoutRound: input.kind === 'precommitAny' ? round : state.precommitTimeoutRound,
  };
  return outcome.effects.reduce<StepResult>(perform, { state: marked, effects: [] });
}

/** L11: enters a round, after which votes parked for it count and old nil votes go. */
export function enterRound(state: ConsensusState, round: Round): StepResult {
  const { config, context } = state;
  const proposer = context.proposerOf(round);
  const polka = latestPolkaBefore(state, round);
  const learned = polka === null ? state : fire(state, polka).state;
  const entered = fire(learned, { kind: 'newRound', round, isProposer: proposer === config.self });
  const admitted = admitParkedVotes(entered.state);
  const announcement: ConsensusEffect = { kind: 'roundEntered', height: context.height, round, proposer };
  return {
    state: forgetOldRounds(admitted.state),
    effects: [announcement, ...entered.effects, ...admitted.effects],
  };
}

/** Goes on where this node's key signed last (consensus §1.7). */
export function resumeAt(state: ConsensusState, place: SignedPlace): StepResult {
  const resumed = fire(state, { ...place, kind: 'resume' });
  const { round } = resumed.state.machine;
  if (round === state.machine.round) return resumed;
  const admitted = admitParkedVotes(resumed.state);
  const { height, proposerOf } = state.context;
  const announcement: ConsensusEffect = { kind: 'roundEntered', height, round, proposer: proposerOf(round) };
  return {
    state: forgetOldRounds(admitted.state),
    effects: [announcement, ...resumed.effects, ...admitted.effects],
  };
}

/** True when this node may speak at this height. */
export function isVoter(state: ConsensusState): boolean {
  return state.config.self !== null && state.keeper.powers.has(state.config.self);
}

function firstEnabled(state: ConsensusState): RoundInput | null {
  if (state.decision !== null) return null;
  for (const rule of RULES) {
    const input = rule(state);
    if (input !== null) return input;
  }
  return null;
}

/**
 * L49, for any round, and even before `start`. More than 2/3 precommits prove the decision, so any round's judged block
 * will do and the proposal message itself may be missing: an equivocating proposer's third proposal can win.
 */
function decideRule(state: ConsensusState): RoundInput | null {
  for (const candidate of decisionCandidates(state)) {
    if (state.verdicts.get(candidate.blockId) === true) return { kind: 'precommitValue', ...candidate };
  }
  return null;
}

/** L36. Fires once a round; valid* is set even in step precommit. */
function polkaValueRule(state: ConsensusState): RoundInput | null {
  const { round, step, validRound } = state.machine;
  if ((step !== 'prevote' && step !== 'precommit') || validRound === round) return null;
  const proposal = proposalsOf(state, round).find(
    ({ blockId }) => state.verdicts.get(blockId) === true && hasQuorumFor(state.keeper, round, 'prevote', blockId),
  );
  return proposal === undefined ? null : { kind: 'polkaValue', blockId: proposal.blockId };
}

/** L44. */
function polkaNilRule(state: ConsensusState): RoundInput | null {
  const { round, step } = state.machine;
  const holds = step === 'prevote' && hasQuorumFor(state.keeper, round, 'prevote', null);
  return holds ? { kind: 'polkaNil' } : null;
}

/** A proof of lock that came after its round (ADR 8): it counts when the next value is proposed. */
function earlierPolkaRule(state: ConsensusState): RoundInput | null {
  return latestPolkaBefore(state, state.machine.round);
}

function latestPolkaBefore(state: ConsensusState, before: Round): RoundInput | null {
  const { validRound } = state.machine;
  for (const round of roundsWithVotes(state.keeper).toReversed()) {
    if (round >= before) continue;
    if (round <= validRound) return null;
    const blockId = quorumBlocks(state.keeper, round, 'prevote').find((held) => state.verdicts.get(held) === true);
    if (blockId !== undefined) return { kind: 'earlierPolka', round, blockId };
  }
  return null;
}

/** L28. */
function proposalWithPolRule(state: ConsensusState): RoundInput | null {
  const { round, step } = state.machine;
  if (step !== 'propose') return null;
  for (const { blockId, polRound } of proposalsOf(state, round)) {
    const valid = state.verdicts.get(blockId);
    if (valid === undefined || polRound < 0) continue;
    if (hasQuorumFor(state.keeper, polRound, 'prevote', blockId)) {
      return { kind: 'proposalWithPol', blockId, polRound, valid };
    }
  }
  return null;
}

/** L22. */
function proposalRule(state: ConsensusState): RoundInput | null {
  const { round, step } = state.machine;
  if (step !== 'propose') return null;
  for (const { blockId, polRound } of proposalsOf(state, round)) {
    const valid = state.verdicts.get(blockId);
    if (valid !== undefined && polRound === -1) return { kind: 'proposal', blockId, valid };
  }
  return null;
}

/** L34. */
function polkaAnyRule(state: ConsensusState): RoundInput | null {
  const { round, step } = state.machine;
  if (step !== 'prevote' || state.prevoteTimeoutRound === round) return null;
  return hasQuorumAny(state.keeper, round, 'prevote') ? { kind: 'polkaAny' } : null;
}

/** L47. */
function precommitAnyRule(state: ConsensusState): RoundInput | null {
  const { round, step } = state.machine;
  if (step === 'new' || state.precommitTimeoutRound === round) return null;
  return hasQuorumAny(state.keeper, round, 'precommit') ? { kind: 'precommitAny' } : null;
}

/** L55, to the furthest such round. Waits for `start`: round 0 belongs to the block interval. */
function skipRule(state: ConsensusState): RoundInput | null {
  const { round, step } = state.machine;
  if (step === 'new') return null;
  const target = roundsWithVotes(state.keeper).findLast((held) => held > round && hasSkipPower(state.keeper, held));
  return target === undefined ? null : { kind: 'skip', round: target };
}

type Candidate = NonNullable<ConsensusState['decision']>;

function decisionCandidates(state: ConsensusState): readonly Candidate[] {
  const { certificate, keeper } = state;
  const proved = certificate === null ? [] : [{ round: certificate.round, blockId: certificate.blockId }];
  const counted = roundsWithVotes(keeper).flatMap((round) =>
    quorumBlocks(keeper, round, 'precommit').map((blockId) => ({ round, blockId })),
  );
  return [...proved, ...counted];
}

function askForDecidedBlock(state: ConsensusState): StepResult {
  if (state.decision !== null) return { state, effects: [] };
  const missing = decisionCandidates(state).find(({ blockId }) => !state.fetched.has(blockId));
  if (missing === undefined) return { state, effects: [] };
  return {
    state: { ...state, fetched: new Set(state.fetched).add(missing.blockId) },
    effects: [{ kind: 'fetchBlock', height: state.context.height, ...missing }],
  };
}

function proposalsOf(state: ConsensusState, round: Round): readonly Proposal[] {
  return state.proposals.get(round) ?? [];
}

function perform(result: StepResult, effect: RoundEffect): StepResult {
  const { state, effects } = result;
  const { height } = state.context;
  switch (effect.kind) {
    case 'scheduleTimeout': {
      const { timeout: kind, round } = effect;
      const delayMs = timeoutDelayMs(state.config.timeouts, kind, round);
      return { state, effects: [...effects, { kind: 'scheduleTimeout', timeout: { kind, height, round }, delayMs }] };
    }
    case 'startRound': {
      const entered = enterRound(state, effect.round);
      return { state: entered.state, effects: [...effects, ...entered.effects] };
    }
    case 'buildValue':
      return { state: { ...state, awaitedValueRound: effect.round }, effects: [...effects, { ...effect, height }] };
    case 'propose':
    case 'vote':
      return isVoter(state) ? { state, effects: [...effects, { ...effect, height }] } : result;
    case 'decide': {
      const { round, blockId } = effect;
      return { state: { ...state, decision: { round, blockId } }, effects: [...effects, { ...effect, height }] };
    }
  }
}

/** Base plus round · delta, growing for ever (consensus §1.10). */
export function timeoutDelayMs(timeouts: TimeoutParams, kind: TimeoutKind, round: Round): number {
  switch (kind) {
    case 'propose':
      return timeouts.proposeMs + round * timeouts.proposeDeltaMs;
    case 'prevote':
      return timeouts.prevoteMs + round * timeouts.prevoteDeltaMs;
    case 'precommit':
      return timeouts.precommitMs + round * timeouts.precommitDeltaMs;
  }
}

function forgetOldRounds(state: ConsensusState): ConsensusState {
  const oldest = state.machine.round - limits.pastRoundsKept;
  const proposals = new Map([...state.proposals].filter(([round]) => round >= oldest));
  return { ...state, proposals, keeper: forgetNilVotes(state.keeper, oldest) };
}
