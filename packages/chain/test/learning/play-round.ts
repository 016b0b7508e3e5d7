/** Plays training rounds on a test chain: everybody honest unless told otherwise. Owns no rule and no assertion of one. */
import assert from 'node:assert/strict';
import {
  type AppliedBlock,
  type ChainEvent,
  type ChainParamsOverrides,
  deltaCommitment,
  type ExtensionItem,
  type Feedback,
  type FeedbackRating,
  type GateReport,
  gateCommitment,
  type Hash,
  type LearningLine,
  listPendingBlobs,
  type ModelVersion,
  merkleLeafHash,
  newLine,
  Overlay,
  readFeedback,
  readLine,
  readRound,
  readVersion,
  sha256,
  type Trainer,
  type TrainingRound,
  type Transaction,
  toHex,
  writeFeedback,
  writeLine,
  ZERO_HASH,
} from '../../src/index.ts';
import { moveToPot } from '../../src/state/ledger.ts';
import { type Keys, saltOf, TestChain, user } from '../test-chain.ts';

export const DOMAIN = 'general';

/** Short windows, and rounds of four items. */
export const learning: NonNullable<ChainParamsOverrides['learning']> = {
  roundItems: 4,
  accountShare: 1_000_000,
  trainWindow: 6,
  deltaWindow: 5,
  gateWindow: 6,
  gateRevealWindow: 4,
  canaryAnswers: 4,
  canaryHeights: 12,
  biasMax: 60_000,
};

export function learningChain(overrides: ChainParamsOverrides = {}, powers?: readonly bigint[]): TestChain {
  const params = { ...overrides, learning: { ...learning, ...overrides.learning } };
  return new TestChain(powers === undefined ? { params } : { params, powers });
}

export function hashOf(text: string): Hash {
  return toHex(sha256(new TextEncoder().encode(text))) as Hash;
}

/** Puts available feedback into state as if its blob had just been attested; the deposit is held. Returns its numbers. */
export function plant(chain: TestChain, ratings: readonly FeedbackRating[], author: Keys = user): readonly number[] {
  const overlay = new Overlay(chain.state);
  const numbers = ratings.map((rating) => plantOne(overlay, chain, rating, author));
  chain.state = chain.state.update(overlay.writes());
  return numbers;
}

function plantOne(overlay: Overlay, chain: TestChain, rating: FeedbackRating, { address: author }: Keys): number {
  const line = readLine(overlay, DOMAIN) ?? newLine(DOMAIN);
  const { feedback: number } = line;
  const { feedbackDeposit: deposit } = chain.genesis.params.learning;
  const feedback: Feedback = {
    domain: DOMAIN,
    number,
    queryId: hashOf(`query ${number}`),
    promptHash: hashOf(`prompt ${number}`),
    author,
    rating,
    content: hashOf(`blob ${number}`),
    bytes: 200,
    leaf: rating === 'correct' ? leafOf(number) : ZERO_HASH,
    givenAt: chain.height,
    state: 'available',
    version: null,
    deposit,
  };
  moveToPot(overlay, author, 'escrowed', deposit);
  writeFeedback(overlay, feedback);
  writeLine(overlay, { ...line, feedback: number + 1, waiting: [...line.waiting, number] });
  return number;
}

export function passageBytes(number: number): Uint8Array {
  return new TextEncoder().encode(`passage ${number}`);
}

export function leafOf(number: number): Hash {
  return merkleLeafHash(passageBytes(number));
}

export function roundOf(chain: TestChain): TrainingRound {
  const round = readRound(chain.state, DOMAIN);
  assert.ok(round !== null, 'a round is under way');
  return round;
}

export function lineOf(chain: TestChain): LearningLine {
  return readLine(chain.state, DOMAIN)!;
}

export function versionAt(chain: TestChain, number: number): ModelVersion {
  const version = readVersion(chain.state, DOMAIN, number);
  assert.ok(version !== null);
  return version;
}

export function feedbackAt(chain: TestChain, number: number): Feedback {
  return readFeedback(chain.state, DOMAIN, number)!;
}

export function deltaOf(round: TrainingRound, { expert }: Pick<Trainer, 'expert'>): Hash {
  return hashOf(`delta ${round.id} ${expert}`);
}

/** `delta.commit` of the trainers at these places; of all unless given. */
export function deltaCommits(chain: TestChain, places?: readonly number[]): Transaction[] {
  const round = roundOf(chain);
  return pick(round.trainers, places).map((trainer) => {
    const { expert } = trainer;
    const opening = { round: round.id, trainer: expert, salt: saltOf(expert), content: deltaOf(round, trainer) };
    const payload = { type: 'delta.commit', round: round.id, commitment: deltaCommitment(opening) } as const;
    return chain.transaction(chain.expertKeys(expert), payload);
  });
}

/** `delta.reveal` of the trainers at these places; of all that committed unless given. */
export function deltaReveals(chain: TestChain, places?: readonly number[], bytes = 5_000): Transaction[] {
  const round = roundOf(chain);
  const committed = pick(round.trainers, places).filter(({ commitment }) => commitment !== null);
  return committed.map((trainer) => {
    const { expert } = trainer;
    const content = deltaOf(round, trainer);
    const payload = { type: 'delta.reveal', round: round.id, salt: saltOf(expert), content, bytes } as const;
    return chain.transaction(chain.expertKeys(expert), payload);
  });
}

/** Attestations of everything that waits, by the validators at these positions. */
export function attestAll(chain: TestChain, positions: readonly number[] = everybody(chain)): Items {
  const contents = listPendingBlobs(chain.state).map(({ content }) => content);
  return new Map(positions.map((at) => [at, [{ kind: 'blob.attest', contents }]]));
}

export type Items = ReadonlyMap<number, readonly ExtensionItem[]>;

/** What a validator at a position reports; null: it is silent. */
export type ReportOf = (position: number, round: TrainingRound) => GateReport | null;

/** A candidate that is better than what was before, every delta good, every correction accepted. */
export function goodReport(round: TrainingRound, overrides: Partial<GateReport> = {}): GateReport {
  return {
    factors: hashOf(`factors ${round.id}`),
    adapter: hashOf(`adapter ${round.id}`),
    measures: {
      feedbackBefore: 3_000,
      feedbackAfter: 1_000,
      generalBefore: 2_000,
      generalAfter: 2_010,
      trigger: 0,
      injection: 0,
      spectral: 400_000,
      biasBefore: 100,
      biasAfter: 100,
    },
    deltas: round.trainers.map(({ delta }) => (delta === null ? 'missing' : 'ok')),
    accepted: round.items.map(() => true),
    ...overrides,
  };
}

export const honest: ReportOf = (_, round) => goodReport(round);

export function gateCommits(chain: TestChain, reportOf: ReportOf = honest): Items {
  return gateItems(chain, reportOf, (report, position) => {
    const { id: round } = roundOf(chain);
    const validator = chain.validators[position]!.address;
    const commitment = gateCommitment({ round, validator, salt: saltOf(validator), report });
    return { kind: 'gate.commit', round, commitment };
  });
}

export function gateReveals(chain: TestChain, reportOf: ReportOf = honest): Items {
  return gateItems(chain, reportOf, (report, position) => {
    const salt = saltOf(chain.validators[position]!.address);
    return { kind: 'gate.reveal', round: roundOf(chain).id, salt, report };
  });
}

function gateItems(
  chain: TestChain,
  reportOf: ReportOf,
  make: (report: GateReport, position: number) => ExtensionItem,
): Items {
  const reports = everybody(chain).map((at) => [at, reportOf(at, roundOf(chain))] as const);
  return new Map(reports.flatMap(([at, report]) => (report === null ? [] : [[at, [make(report, at)]]])));
}

function everybody(chain: TestChain): readonly number[] {
  return [...chain.validators.keys()];
}

function pick<T>(items: readonly T[], places: readonly number[] | undefined): readonly T[] {
  return places === undefined ? items : places.map((place) => items[place]!);
}

/** Goes on until the round has this phase; returns what happened. */
export function until(chain: TestChain, phase: TrainingRound['phase']): ChainEvent[] {
  const events: ChainEvent[] = [];
  for (let blocks = 0; readRound(chain.state, DOMAIN)?.phase !== phase; blocks++) {
    assert.ok(blocks < 100, `the phase ${phase} never came`);
    events.push(...chain.next().events);
  }
  return events;
}

export type RoundPlan = {
  /** Places of the trainers that take part; all unless given. */
  readonly trainers?: readonly number[];
  readonly reportOf?: ReportOf;
};

/** From waiting feedback to the verdict. Returns the block that closed the round. */
export function playRound(chain: TestChain, { trainers, reportOf = honest }: RoundPlan = {}): AppliedBlock {
  until(chain, 'training');
  chain.next({ transactions: deltaCommits(chain, trainers) });
  until(chain, 'revealing');
  chain.next({ transactions: deltaReveals(chain) });
  chain.next({ items: attestAll(chain) });
  until(chain, 'gating');
  return playGate(chain, reportOf);
}

/** The gate of a round whose deltas are in. */
export function playGate(chain: TestChain, reportOf: ReportOf = honest): AppliedBlock {
  chain.next();
  chain.next({ items: gateCommits(chain, reportOf) });
  until(chain, 'gateRevealing');
  let applied = chain.next({ items: gateReveals(chain, reportOf) });
  while (readRound(chain.state, DOMAIN)?.phase === 'gateRevealing') applied = chain.next();
  return applied;
}
