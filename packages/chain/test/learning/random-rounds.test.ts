/**
 * Random histories of learning without blocks around them: feedback comes, trainers and validators do what they like, versions score, get
 * votes, experts leave. No nano is lost, every phase ends at its deadline, nothing waits for ever (learning §2–§10).
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type Address,
  type ChainEvent,
  checkSupply,
  type DeltaVerdict,
  deltaCommitment,
  type ExtensionItem,
  type GateReport,
  gateCommitment,
  listPendingBlobs,
  newLine,
  Overlay,
  readFeedback,
  readLine,
  readRound,
  readVersion,
  type TrainingRound,
  writeFeedback,
  writeLine,
  ZERO_HASH,
} from '../../src/index.ts';
import { expireBlobs } from '../../src/learning/attest.ts';
import { applyRollback, countScores } from '../../src/learning/canary.ts';
import { applyDeltaCommit, applyDeltaReveal } from '../../src/learning/deltas.ts';
import { payLineage, recordUse } from '../../src/learning/lineage.ts';
import { seedRounds, turnLearning } from '../../src/learning/rounds.ts';
import { applyExpertLearn, applyExpertRetire, releaseBonds } from '../../src/market/expert-life.ts';
import type { PhaseContext } from '../../src/market/phases.ts';
import { applyExtensions } from '../../src/scoring/extensions.ts';
import { moveToPot } from '../../src/state/ledger.ts';
import { type Keys, saltOf, user } from '../test-chain.ts';
import { DOMAIN, goodReport, hashOf, leafOf, learningChain } from './play-round.ts';

const EPOCH = 7;
const chain = learningChain(
  {
    // Nobody signs here: absence is not what is tested.
    absenceHeights: 1_000,
    staking: { epochHeights: EPOCH },
    market: { expertReleaseHeights: 4 },
    learning: {
      trainWindow: 4,
      deltaWindow: 4,
      gateWindow: 4,
      gateRevealWindow: 4,
      canaryAnswers: 3,
      canaryHeights: 5,
      trainerSlash: 333_333,
      lineageEmission: 1_001n,
    },
  },
  [10n, 20n, 30n, 15n, 25n],
);
const { params } = chain.genesis;
const { feedbackDeposit: deposit } = params.learning;
const operators: readonly Address[] = chain.validators.map(({ address }) => address);
const experts: readonly Address[] = chain.validators.map(({ expert }) => expert.address);
const authors: readonly Keys[] = [user, ...chain.validators.map(({ expert }) => expert)];

type Step = {
  /** Ratings of feedback that becomes available: by whom, and whether it corrects. */
  readonly gives: readonly (readonly [author: number, corrects: boolean])[];
  /** Bits say who does something in this height. */
  readonly commits: number;
  readonly reveals: number;
  readonly attests: number;
  readonly gates: number;
  readonly votes: number;
  /** Chooses scores, verdicts, and who lies. */
  readonly taste: number;
};

const bits = fc.nat(31);
const often = fc.oneof(fc.constant(31), bits);
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    gives: fc.array(fc.tuple(fc.nat(5), fc.boolean()), { maxLength: 3 }),
    commits: often,
    reveals: often,
    attests: often,
    gates: often,
    votes: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: bits }),
    taste: fc.nat(1_000_000),
  }),
  { minLength: 10, maxLength: 50 },
);

const isActing = (mask: number, at: number) => ((mask >> at) & 1) === 1;
const verdicts: readonly DeltaVerdict[] = ['ok', 'ok', 'ok', 'invalid', 'copy', 'idle', 'harmful'];

class History {
  readonly overlay: Overlay = new Overlay(chain.state);
  readonly seen: Set<string> = new Set();
  height = 0;
  /** Since when the round has been in its phase. */
  #phase: { readonly name: string; readonly since: number } = { name: 'none', since: 0 };

  step(step: Step): void {
    this.height += 1;
    const context = this.#context();
    applyExtensions(this.overlay, this.#extensions(step), context);
    seedRounds(this.overlay, context);
    for (const [author, corrects] of step.gives) this.#give(authors[author]!, corrects);
    this.#train(step);
    this.#vote(step, context);
    this.#score(step);
    releaseBonds(this.overlay, this.height, context.emit);
    expireBlobs(this.overlay, context);
    turnLearning(this.overlay, context);
    payLineage(this.overlay, context);
    this.#watch();
  }

  check(): void {
    assert.ok(checkSupply(chain.state.update(this.overlay.writes())).ok);
    const line = readLine(this.overlay, DOMAIN);
    if (line === null) return;
    const round = readRound(this.overlay, DOMAIN);
    for (let number = 0; number < line.feedback; number++) {
      const { state, deposit: held } = readFeedback(this.overlay, DOMAIN, number)!;
      assert.equal(state === 'available', line.waiting.includes(number));
      assert.equal(state === 'training', round?.items.includes(number) ?? false);
      assert.equal(held > 0n, state === 'available' || state === 'training');
    }
    if (line.stable > 0) assert.equal(readVersion(this.overlay, DOMAIN, line.stable)!.state, 'stable');
    if (round !== null) assert.equal(round.base, line.stable);
    if (line.canary !== null) {
      assert.equal(round, null);
      assert.equal(readVersion(this.overlay, DOMAIN, line.canary.version)!.parent, line.stable);
    }
  }

  #context(): PhaseContext {
    const emit = (event: ChainEvent) => this.#note(event);
    return { height: this.height, params, beacon: hashOf(`beacon ${this.height}`), emit };
  }

  #note(event: ChainEvent): void {
    this.seen.add(event.type);
    if (event.type === 'version.changed' || event.type === 'version.made')
      this.seen.add(`${event.state} ${event.reason}`);
    if (event.type === 'round.closed') this.seen.add(`closed ${event.reason}`);
  }

  /** No phase lasts longer than its window, and none is left beyond its deadline. */
  #watch(): void {
    const round = readRound(this.overlay, DOMAIN);
    const name = round === null ? 'none' : `${round.id} ${round.phase}`;
    if (name !== this.#phase.name) this.#phase = { name, since: this.height };
    if (round === null) return;
    assert.ok(round.deadline > this.height, `${round.phase} is beyond its deadline`);
    assert.ok(this.height - this.#phase.since < 5, `${round.phase} lasts`);
  }

  #give({ address: author }: Keys, corrects: boolean): void {
    const line = readLine(this.overlay, DOMAIN) ?? newLine(DOMAIN);
    const { feedback: number } = line;
    const text = { queryId: hashOf(`q ${number}`), content: hashOf(`c ${number}`), bytes: 10, givenAt: this.height };
    const kind = { rating: corrects ? 'correct' : 'bad', leaf: corrects ? leafOf(number) : ZERO_HASH } as const;
    moveToPot(this.overlay, author, 'escrowed', deposit);
    const promptHash = hashOf(`p ${number}`);
    const standing = { state: 'available', version: null, deposit } as const;
    writeFeedback(this.overlay, { domain: DOMAIN, number, author, promptHash, ...text, ...kind, ...standing });
    writeLine(this.overlay, { ...line, feedback: number + 1, waiting: [...line.waiting, number] });
  }

  #train({ commits, reveals, taste }: Step): void {
    const round = readRound(this.overlay, DOMAIN);
    for (const [at, sender] of experts.entries()) {
      if (round === null) break;
      const content = hashOf(`delta ${sender} ${round.id}`);
      const salt = saltOf(sender);
      const commitment = deltaCommitment({ round: round.id, trainer: sender, salt, content });
      const commit = { type: 'delta.commit', round: round.id, commitment } as const;
      const reveal = { type: 'delta.reveal', round: round.id, salt, content, bytes: 9 } as const;
      if (isActing(commits, at)) this.seen.add(applyDeltaCommit(this.overlay, commit, { sender }));
      if (isActing(reveals, at)) this.seen.add(applyDeltaReveal(this.overlay, reveal, { sender, params }));
    }
    const sender = experts[taste % experts.length]!;
    if (taste % 23 === 0) applyExpertLearn(this.overlay, { type: 'expert.learn', learns: taste % 2 === 0 }, { sender });
    const retiring = { chainId: 'test-1', sender, publicKey: user.publicKey, ...this.#context() };
    if (taste % 61 === 0) applyExpertRetire(this.overlay, { type: 'expert.retire', expert: sender }, retiring);
  }

  #vote({ votes }: Step, context: PhaseContext): void {
    for (const [at, sender] of operators.entries()) {
      const line = readLine(this.overlay, DOMAIN);
      if (line === null || !isActing(votes, at)) continue;
      const version = line.canary?.version ?? line.stable;
      applyRollback(this.overlay, { type: 'model.rollback', domain: DOMAIN, version }, { ...context, sender });
    }
  }

  #score({ taste }: Step): void {
    const line = readLine(this.overlay, DOMAIN);
    if (line === null || taste % 2 === 0) return;
    const scored = (version: number, score: number) => ({ version, score, group: 0 });
    const respondents = [scored(line.stable, (taste * 7) % 1_000_001), scored(line.canary?.version ?? 0, taste)];
    const paid = { domain: DOMAIN, requester: user.address, scorersPaid: [{ validator: operators[0]!, paid: 999n }] };
    countScores(this.overlay, { domain: DOMAIN, respondents });
    recordUse(this.overlay, { ...paid, respondents }, params);
  }

  #extensions({ attests, gates, taste }: Step): { validator: Address; items: ExtensionItem[] }[] {
    const contents = listPendingBlobs(this.overlay).map(({ content }) => content);
    const round = readRound(this.overlay, DOMAIN);
    return operators.map((validator, at) => {
      const attest: ExtensionItem[] = isActing(attests, at) ? [{ kind: 'blob.attest', contents }] : [];
      const gate = round !== null && isActing(gates, at) ? [gateItem(round, validator, taste)] : [];
      return { validator, items: [...attest, ...gate] };
    });
  }
}

function gateItem(round: TrainingRound, validator: Address, taste: number): ExtensionItem {
  // What is committed to stays the same until it is opened, but for those who lie.
  const report = reportOf(round, validator === operators[taste % 40] ? taste : 0);
  const salt = saltOf(validator);
  if (round.phase === 'gateRevealing') return { kind: 'gate.reveal', round: round.id, salt, report };
  const commitment = gateCommitment({ round: round.id, validator, salt, report });
  return { kind: 'gate.commit', round: round.id, commitment };
}

function reportOf(round: TrainingRound, lie: number): GateReport {
  const roll = Number.parseInt(round.id.slice(0, 6), 16) + lie;
  const good = goodReport(round);
  return {
    ...good,
    measures: {
      ...good.measures,
      feedbackAfter: roll % 3 === 0 ? 4_000 : 2_000,
      biasAfter: roll % 11 === 0 ? 900 : 100,
    },
    deltas: round.trainers.map((_, at) => verdicts[(roll + at) % verdicts.length]!),
    accepted: round.items.map((item) => (roll + item) % 4 !== 0),
  };
}

const quiet: Step = { gives: [], commits: 0, reveals: 0, attests: 0, gates: 0, votes: 0, taste: 2 };
const eager: Step = { ...quiet, commits: 31, reveals: 31, attests: 31, gates: 31 };

test('four hundred random histories: no nano is lost, no phase outlasts its window, all feedback is settled in the end', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(steps, (plan) => {
      const history = new History();
      for (const step of plan) {
        history.step(step);
        history.check();
      }
      // With nobody doing anything every phase still ends; then everybody does what is due.
      for (let height = 0; height < 30; height++) history.step(quiet);
      for (let left = 0; left < 400 && isUnsettled(history.overlay); left++) history.step(eager);
      history.check();
      assert.ok(!isUnsettled(history.overlay), 'feedback waits for ever');
      for (const one of history.seen) seen.add(one);
    }),
    { numRuns: 400, seed: 11 },
  );
  const reached = [
    'closed OK',
    'closed GAIN',
    'closed NO_QUORUM',
    'closed BASE',
    'bias.alarm',
    'blob.lost',
    'lineage.paid',
    'trainer.slashed',
    'rolledBack SCORES',
    'rolledBack VOTED',
    'stable OK',
    'stable RESTORED',
    'rejected GAIN',
    'DELTA_TWICE',
    'TRAINER_UNKNOWN',
    'expert.released',
  ];
  for (const one of reached) assert.ok(seen.has(one), `${one} was never reached: ${[...seen].join()}`);
});

function isUnsettled(overlay: Overlay): boolean {
  const line = readLine(overlay, DOMAIN);
  return line !== null && (line.waiting.length > 0 || readRound(overlay, DOMAIN) !== null || line.canary !== null);
}
