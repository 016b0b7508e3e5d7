/**
 * The Tendermint state of one height as one table of (step, input) → {state, effects} (arXiv 1807.04938, Algorithm 1).
 * Owns round, step, locked and valid value, and what each rule does once its guard over messages holds.
 * Does not own those guards (driver.ts), votes (vote-keeper.ts) or time. Inputs name the line of the rule they stand for.
 */
import type { Hash, Round, VoteType } from '@synod/chain';

/** `new` is before the first round and between two rounds; `commit` is after the decision. */
export type Step = 'new' | 'propose' | 'prevote' | 'precommit' | 'commit';

export type TimeoutKind = 'propose' | 'prevote' | 'precommit';

/** The variables of Algorithm 1 (L1–L9); −1 and null stand for "none". */
export type RoundState = {
  readonly round: Round;
  readonly step: Step;
  readonly lockedRound: Round;
  readonly lockedValue: Hash | null;
  readonly validRound: Round;
  readonly validValue: Hash | null;
};

/** A rule whose guard over messages holds, or an event. */
export type RoundInput =
  /** L11: start of a round. */
  | { readonly kind: 'newRound'; readonly round: Round; readonly isProposer: boolean }
  /** L18: the value asked for by `buildValue`. */
  | { readonly kind: 'localValue'; readonly blockId: Hash }
  /** L22: a proposal without proof-of-lock, judged. */
  | { readonly kind: 'proposal'; readonly blockId: Hash; readonly valid: boolean }
  /** L28: a proposal whose proof-of-lock is there, judged. */
  | { readonly kind: 'proposalWithPol'; readonly blockId: Hash; readonly polRound: Round; readonly valid: boolean }
  /** L34: more than 2/3 prevoted in this round. */
  | { readonly kind: 'polkaAny' }
  /** L36: more than 2/3 prevoted this round's valid proposal. */
  | { readonly kind: 'polkaValue'; readonly blockId: Hash }
  /** L44: more than 2/3 prevoted nil. */
  | { readonly kind: 'polkaNil' }
  /** L47: more than 2/3 precommitted in this round. */
  | { readonly kind: 'precommitAny' }
  /** L49: more than 2/3 precommitted a valid block, in whichever round. */
  | { readonly kind: 'precommitValue'; readonly round: Round; readonly blockId: Hash }
  /** L55: more than 1/3 voted in a later round. */
  | { readonly kind: 'skip'; readonly round: Round }
  /** L57. */
  | { readonly kind: 'timeoutPropose'; readonly round: Round }
  /** L61. */
  | { readonly kind: 'timeoutPrevote'; readonly round: Round }
  /** L65. */
  | { readonly kind: 'timeoutPrecommit'; readonly round: Round }
  /** More than 2/3 prevoted a block, valid here, in a round before the one entered (ADR 8). */
  | { readonly kind: 'earlierPolka'; readonly round: Round; readonly blockId: Hash }
  /** What the sign state remembers and the log may have lost: the last place signed and the lock (consensus §1.7). */
  | ({ readonly kind: 'resume' } & SignedPlace);

/** Where a key signed last in a height, and its last precommit for a block. */
export type SignedPlace = {
  readonly round: Round;
  readonly step: TimeoutKind;
  readonly lock: { readonly round: Round; readonly blockId: Hash } | null;
};

/** What the driver must do, in order. */
export type RoundEffect =
  | { readonly kind: 'scheduleTimeout'; readonly timeout: TimeoutKind; readonly round: Round }
  | { readonly kind: 'buildValue'; readonly round: Round }
  | { readonly kind: 'propose'; readonly round: Round; readonly polRound: Round; readonly blockId: Hash }
  | { readonly kind: 'vote'; readonly type: VoteType; readonly round: Round; readonly blockId: Hash | null }
  | { readonly kind: 'startRound'; readonly round: Round }
  | { readonly kind: 'decide'; readonly round: Round; readonly blockId: Hash };

export type RoundOutcome = { readonly state: RoundState; readonly effects: readonly RoundEffect[] };

/** The state before round 0. */
export const INITIAL_ROUND_STATE: RoundState = {
  round: -1,
  step: 'new',
  lockedRound: -1,
  lockedValue: null,
  validRound: -1,
  validValue: null,
};

/** Applies one input. A pair that stands not in the table, or whose guard fails, changes nothing and has no effect. */
export function transition(state: RoundState, input: RoundInput): RoundOutcome {
  const row = TABLE[state.step][input.kind] as Handler<RoundInput['kind']> | undefined;
  return row?.(state, input) ?? { state, effects: [] };
}

type InputOf<K extends RoundInput['kind']> = Extract<RoundInput, { kind: K }>;
type Handler<K extends RoundInput['kind']> = (state: RoundState, input: InputOf<K>) => RoundOutcome | null;
type Row = { readonly [K in RoundInput['kind']]?: Handler<K> };

/** Rules that hold in every step of a round. */
const ANY_STEP: Row = {
  precommitAny: schedulePrecommitTimeout,
  precommitValue: decide,
  skip: skipRound,
  timeoutPrecommit: endRound,
  earlierPolka: rememberEarlierPolka,
  resume: resumeSigned,
};

const TABLE: { readonly [S in Step]: Row } = {
  new: {
    newRound: startRound,
    precommitValue: decide,
    skip: skipRound,
    earlierPolka: rememberEarlierPolka,
    resume: resumeSigned,
  },
  propose: {
    ...ANY_STEP,
    localValue: proposeLocalValue,
    proposal: prevoteProposal,
    proposalWithPol: prevoteProposalWithPol,
    timeoutPropose: prevoteNilOnTimeout,
  },
  prevote: {
    ...ANY_STEP,
    polkaAny: schedulePrevoteTimeout,
    polkaValue: lockAndPrecommit,
    polkaNil: precommitNil,
    timeoutPrevote: precommitNilOnTimeout,
  },
  precommit: { ...ANY_STEP, polkaValue: rememberValid },
  commit: {},
};

/** L11–L21. The propose timeout runs for the proposer too: its signer may refuse, and it must still leave the step. */
function startRound(state: RoundState, input: InputOf<'newRound'>): RoundOutcome | null {
  const { round, isProposer } = input;
  if (round <= state.round) return null;
  const effects: RoundEffect[] = [{ kind: 'scheduleTimeout', timeout: 'propose', round }];
  if (isProposer && state.validValue !== null) {
    effects.push({ kind: 'propose', round, polRound: state.validRound, blockId: state.validValue }); // L16, L19
  } else if (isProposer) {
    effects.push({ kind: 'buildValue', round }); // L18
  }
  return { state: { ...state, round, step: 'propose' }, effects };
}

/** L19 with the value of L18; with L16's where one became valid in the meantime. */
function proposeLocalValue(state: RoundState, input: InputOf<'localValue'>): RoundOutcome {
  const { round, validRound, validValue } = state;
  return {
    state,
    effects: [{ kind: 'propose', round, polRound: validRound, blockId: validValue ?? input.blockId }],
  };
}

/** L22–L27. */
function prevoteProposal(state: RoundState, input: InputOf<'proposal'>): RoundOutcome {
  const { blockId, valid } = input;
  const isFree = state.lockedRound === -1 || state.lockedValue === blockId; // L23
  return vote(state, 'prevote', valid && isFree ? blockId : null);
}

/** L28–L33. */
function prevoteProposalWithPol(state: RoundState, input: InputOf<'proposalWithPol'>): RoundOutcome | null {
  const { blockId, polRound, valid } = input;
  if (polRound < 0 || polRound >= state.round) return null; // L28
  const isFree = state.lockedRound <= polRound || state.lockedValue === blockId; // L29
  return vote(state, 'prevote', valid && isFree ? blockId : null);
}

/** L34–L35; once a round is the driver's care. */
function schedulePrevoteTimeout(state: RoundState): RoundOutcome {
  return { state, effects: [{ kind: 'scheduleTimeout', timeout: 'prevote', round: state.round }] };
}

/** L36–L43 in step prevote. */
function lockAndPrecommit(state: RoundState, input: InputOf<'polkaValue'>): RoundOutcome {
  const { blockId } = input;
  const locked = { ...state, lockedValue: blockId, lockedRound: state.round };
  return vote({ ...locked, validValue: blockId, validRound: state.round }, 'precommit', blockId);
}

/** L42–L43 alone: in step precommit the value becomes valid without a lock (consensus §1.2). */
function rememberValid(state: RoundState, input: InputOf<'polkaValue'>): RoundOutcome {
  return { state: { ...state, validValue: input.blockId, validRound: state.round }, effects: [] };
}

/** L42–L43 for a round that is over: a proof that comes late is worth as much when it is this node's turn (ADR 8). */
function rememberEarlierPolka(state: RoundState, input: InputOf<'earlierPolka'>): RoundOutcome | null {
  const { round, blockId } = input;
  return round > state.validRound ? { state: { ...state, validValue: blockId, validRound: round }, effects: [] } : null;
}

/**
 * Takes the lock back, and goes on where the key signed last: what was signed is not asked for again, and the step's
 * timeout runs, because the messages that would set it going may be lost everywhere.
 */
function resumeSigned(state: RoundState, input: InputOf<'resume'>): RoundOutcome {
  const { round, step, lock } = input;
  const locked = lock === null ? state : withLock(state, lock);
  if (!isLater(input, state)) return { state: locked, effects: [] };
  return { state: { ...locked, round, step }, effects: [{ kind: 'scheduleTimeout', timeout: step, round }] };
}

function withLock(state: RoundState, lock: NonNullable<SignedPlace['lock']>): RoundState {
  const { round, blockId } = lock;
  const locked = round > state.lockedRound ? { ...state, lockedRound: round, lockedValue: blockId } : state;
  return round > state.validRound ? { ...locked, validRound: round, validValue: blockId } : locked;
}

const STEP_ORDER: readonly Step[] = ['new', 'propose', 'prevote', 'precommit', 'commit'];

function isLater(place: SignedPlace, { round, step }: RoundState): boolean {
  return place.round > round || (place.round === round && STEP_ORDER.indexOf(place.step) > STEP_ORDER.indexOf(step));
}

/** L44–L46. */
function precommitNil(state: RoundState): RoundOutcome {
  return vote(state, 'precommit', null);
}

/** L47–L48; once a round is the driver's care. */
function schedulePrecommitTimeout(state: RoundState): RoundOutcome {
  return { state, effects: [{ kind: 'scheduleTimeout', timeout: 'precommit', round: state.round }] };
}

/** L49–L54. */
function decide(state: RoundState, input: InputOf<'precommitValue'>): RoundOutcome {
  const { round, blockId } = input;
  return { state: { ...state, step: 'commit' }, effects: [{ kind: 'decide', round, blockId }] };
}

/** L55–L56. */
function skipRound(state: RoundState, input: InputOf<'skip'>): RoundOutcome | null {
  return input.round > state.round ? leaveFor(state, input.round) : null;
}

/** L57–L60. */
function prevoteNilOnTimeout(state: RoundState, input: InputOf<'timeoutPropose'>): RoundOutcome | null {
  return input.round === state.round ? vote(state, 'prevote', null) : null;
}

/** L61–L64. */
function precommitNilOnTimeout(state: RoundState, input: InputOf<'timeoutPrevote'>): RoundOutcome | null {
  return input.round === state.round ? vote(state, 'precommit', null) : null;
}

/** L65–L67. */
function endRound(state: RoundState, input: InputOf<'timeoutPrecommit'>): RoundOutcome | null {
  return input.round === state.round ? leaveFor(state, state.round + 1) : null;
}

function leaveFor(state: RoundState, round: Round): RoundOutcome {
  return { state: { ...state, step: 'new' }, effects: [{ kind: 'startRound', round }] };
}

/** Votes and moves to the step of that name, so a type is voted once a round. */
function vote(state: RoundState, type: VoteType, blockId: Hash | null): RoundOutcome {
  const effects: RoundEffect[] = [{ kind: 'vote', type, round: state.round, blockId }];
  return { state: { ...state, step: type }, effects };
}
