/**
 * The consensus core of one height: `step(state, input) → {state, effects}`, pure and deterministic (consensus §1).
 * Owns the door between host and core. Does not own guards (driver.ts), intake (inputs.ts) or questions (views.ts).
 * A new height is a new state: the host carries nothing over but its committed chain.
 */
import type { ConsensusConfig, ConsensusInput, ConsensusState, HeightContext, StepResult } from './consensus-types.ts';
import { enterRound, fire, resumeAt, settle } from './driver.ts';
import { type Intake, takeCertificate, takeProposal, takeVerdict, takeVote, unchanged } from './inputs.ts';
import { INITIAL_ROUND_STATE, type TimeoutKind } from './round-machine.ts';
import { createVoteKeeper } from './vote-keeper.ts';

/** The state before round 0. Messages may be fed at once; nothing but a decision happens until `start`. */
export function createHeight(config: ConsensusConfig, context: HeightContext): ConsensusState {
  return {
    config,
    context,
    machine: INITIAL_ROUND_STATE,
    keeper: createVoteKeeper(context.validators),
    proposals: new Map(),
    verdicts: new Map(),
    parked: new Map(),
    certificate: null,
    decision: null,
    awaitedValueRound: -1,
    prevoteTimeoutRound: -1,
    precommitTimeoutRound: -1,
    fetched: new Set(),
  };
}

/**
 * Takes one input in, fires every rule that it enables, and says what the host must do, in order. Never throws on
 * anything a peer can send. Each vote and proposal is asked for at most once a round. After the decision, votes are
 * still taken in (for the certificate) and evidence still reported; nothing else happens.
 */
export function step(state: ConsensusState, input: ConsensusInput): StepResult {
  const intake = takeIn(state, input);
  if (!intake.wakes) return { state: intake.state, effects: intake.effects };
  const settled = settle(intake.state);
  return { state: settled.state, effects: [...intake.effects, ...settled.effects] };
}

/** Takes an input in without firing rules; `step` is this, then `settle`. */
export function takeIn(state: ConsensusState, input: ConsensusInput): Intake {
  switch (input.kind) {
    case 'start':
      return state.machine.round === -1 && state.decision === null ? woken(enterRound(state, 0)) : unchanged(state);
    case 'proposal':
      return takeProposal(state, input.proposal);
    case 'verdict':
      return takeVerdict(state, input.blockId, input.valid);
    case 'vote':
      return takeVote(state, input.vote);
    case 'timeout': {
      const { height, kind, round } = input.timeout;
      if (height !== state.context.height) return unchanged(state);
      return woken(fire(state, { kind: TIMEOUT_INPUTS[kind], round }));
    }
    case 'localValue': {
      if (input.round !== state.awaitedValueRound || input.round !== state.machine.round) return unchanged(state);
      return woken(fire({ ...state, awaitedValueRound: -1 }, { kind: 'localValue', blockId: input.blockId }));
    }
    case 'certificate':
      return takeCertificate(state, input.commit);
    case 'resume':
      return state.decision === null ? woken(resumeAt(state, input)) : unchanged(state);
  }
}

const TIMEOUT_INPUTS: { readonly [K in TimeoutKind]: 'timeoutPropose' | 'timeoutPrevote' | 'timeoutPrecommit' } = {
  propose: 'timeoutPropose',
  prevote: 'timeoutPrevote',
  precommit: 'timeoutPrecommit',
};

function woken(result: StepResult): Intake {
  return { ...result, wakes: true };
}
