/**
 * Random histories of the market without blocks around them: opening, rounds, cancelling, commits, reveals, scores, checks,
 * slashing, epochs. Money is conserved to the nano, every receipt rechecks, every query ends.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type Address,
  answerCommitment,
  answerHash,
  bill,
  type ChainParams,
  type CheckVerdict,
  checkSupply,
  eligibleGroups,
  groupsToVerify,
  type Hash,
  linkOf,
  listOpenQueries,
  Overlay,
  type QueryContract,
  type Receipt,
  readQuery,
  recheckReceipt,
  type ScoreItem,
  type StateTree,
  scoreCommitment,
} from '../../src/index.ts';
import { applyAnswerCommit, applyAnswerReveal } from '../../src/market/answers.ts';
import { applyQueryCancel } from '../../src/market/cancel.ts';
import { endMarketEpoch } from '../../src/market/epoch.ts';
import { advancePhases, drawPending, type PhaseContext, selectPending } from '../../src/market/phases.ts';
import { applyQueryOpen } from '../../src/market/query-open.ts';
import { applyExtensions } from '../../src/scoring/extensions.ts';
import { generated, TestChain, user } from '../test-chain.ts';

const market = { verificationShare: 600_000, verifiers: 2, substitutionSlash: 400_000, cancelGrace: 2 };
const chain = new TestChain({ params: { market, staking: { epochHeights: 7 } }, powers: [10n, 20n, 30n, 15n, 25n] });
const params: ChainParams = chain.genesis.params;
const operators = chain.validators.map(({ address }) => address).sort();
const salt = new Uint8Array(32);
const verdicts: readonly CheckVerdict[] = ['match', 'mismatch', 'mismatch', 'error', 'unavailable'];

type Step = {
  readonly open: Partial<QueryContract> | null;
  readonly cancels: boolean;
  /** Bits say who does something in this height. */
  readonly commits: number;
  readonly reveals: number;
  readonly scores: number;
  /** Chooses texts, scores and verdicts. */
  readonly taste: number;
};

const contractOf: fc.Arbitrary<Partial<QueryContract>> = fc.record({
  respondents: fc.integer({ min: 1, max: 4 }),
  rounds: fc.integer({ min: 1, max: 3 }),
  maxFee: fc.bigInt(1_700n, 9_999n),
  difficulty: fc.nat(1_000_000),
  scorerShare: fc.nat(150_000),
  coordinatorShare: fc.nat(150_000),
  basePart: fc.integer({ min: 200_000, max: 1_000_000 }),
  threshold: fc.nat(800_000),
  coordinator: fc.constantFrom(...operators),
});
const bits = fc.nat(31);
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    open: fc.option(contractOf, { freq: 3 }),
    cancels: fc.nat(15).map((roll) => roll === 0),
    commits: bits,
    reveals: bits,
    scores: bits,
    taste: fc.nat(1_000_000),
  }),
  { minLength: 6, maxLength: 14 },
);

/** One history on an overlay over genesis. */
class History {
  readonly overlay: Overlay = new Overlay(chain.state);
  readonly receipts: Receipt[] = [];
  height = 0;
  opened = 0;

  step(step: Step): void {
    this.height += 1;
    const context = this.context();
    applyExtensions(this.overlay, this.#items(step), context);
    this.receipts.push(...selectPending(this.overlay, context));
    drawPending(this.overlay, context);
    if (step.open !== null) this.#open(step.open);
    for (const id of listOpenQueries(this.overlay)) {
      if (step.cancels)
        applyQueryCancel(this.overlay, { type: 'query.cancel', queryId: id }, { ...context, sender: user.address });
      this.#answer(id, step);
    }
    this.receipts.push(...advancePhases(this.overlay, context));
    endMarketEpoch(this.overlay, context);
  }

  context(): PhaseContext {
    const beacon = this.height.toString(16).padStart(64, '7') as Hash;
    return { height: this.height, params, beacon, emit: () => undefined };
  }

  #open(terms: Partial<QueryContract>): void {
    this.opened += 1;
    const queryId = this.opened.toString(16).padStart(64, 'a') as Hash;
    const windows = { answerWindow: 2, revealWindow: 2, scoreWindow: 4, scoreRevealWindow: 4 };
    const context = { queryId, requester: user.address, height: this.height, emit: () => undefined };
    applyQueryOpen(this.overlay, chain.contract({ ...terms, ...windows }), context);
  }

  #answer(queryId: Hash, { commits, reveals, taste }: Step): void {
    const respondents = readQuery(this.overlay, queryId)!.respondents;
    for (const [at, { expert, commitment }] of respondents.entries()) {
      const query = readQuery(this.overlay, queryId)!;
      const text = 'x'.repeat(1 + ((at + query.round * (Number.parseInt(queryId.slice(-2), 16) % 3)) % 3));
      const answer = generated(text);
      const own = { queryId, expert, salt, answerHash: answerHash(answer), link: linkOf(query) };
      const context = { expert, params, emit: () => undefined };
      const isActing = (mask: number) => ((mask >> at) & 1) === 1;
      if (commitment === null && isActing(commits)) {
        const payload = { type: 'answer.commit', queryId, commitment: answerCommitment(own) } as const;
        applyAnswerCommit(this.overlay, payload, context);
      } else if (isActing(reveals) || taste % 5 === 0) {
        applyAnswerReveal(this.overlay, { type: 'answer.reveal', queryId, salt, answer }, context);
      }
    }
  }

  #items({ scores, taste }: Step): { validator: Address; items: ScoreItem[] }[] {
    return operators.map((validator, at) => ({
      validator,
      items: ((scores >> at) & 1) === 0 ? [] : this.#itemsOf(validator, taste),
    }));
  }

  #itemsOf(validator: Address, taste: number): ScoreItem[] {
    return listOpenQueries(this.overlay).flatMap((queryId): ScoreItem[] => {
      const query = readQuery(this.overlay, queryId)!;
      const score = (Number.parseInt(queryId.slice(-2), 16) * 377_777) % 1_000_001;
      const verdict = verdicts[Number.parseInt(queryId.slice(-1), 16) % verdicts.length]!;
      const opened = {
        scores: eligibleGroups(query, validator).map((group) => ({ group, score })),
        checks: groupsToVerify(query, validator).map((group) => ({ group, verdict, distanceMilli: 1 })),
      };
      if (query.phase === 'scoring') {
        const commitment = scoreCommitment({ queryId, validator, salt, ...opened });
        return [{ kind: 'score.commit', queryId, commitment }];
      }
      // Now and then somebody opens what it never committed to.
      const broken = taste % 17 === 0 ? { ...opened, checks: [] } : opened;
      return query.phase === 'scoreRevealing' ? [{ kind: 'score.reveal', queryId, salt, ...broken }] : [];
    });
  }
}

const quiet: Step = { open: null, cancels: false, commits: 0, reveals: 0, scores: 0, taste: 1 };

test('a thousand random histories: no nano is lost, receipts recheck, every query ends', () => {
  const seen = new Set<string>();
  let slashed = 0;
  fc.assert(
    fc.property(steps, (plan) => {
      const history = new History();
      for (const step of plan) history.step(step);
      const middle: StateTree = chain.state.update(history.overlay.writes());
      assert.ok(checkSupply(middle).ok, 'in the middle');
      // Three rounds of four heights, one of the draw and eight of scores at most.
      for (let height = 0; height < 25; height++) history.step(quiet);
      assert.deepEqual(listOpenQueries(history.overlay), []);
      const count = checkSupply(chain.state.update(history.overlay.writes()));
      assert.ok(count.ok);
      assert.equal(count.escrowed, 0n);
      for (const receipt of history.receipts) {
        assert.deepEqual(recheckReceipt(receipt), []);
        assert.equal(bill(receipt).total + receipt.refund, receipt.contract.maxFee);
        seen.add(receipt.outcome);
        slashed += receipt.respondents.filter((respondent) => respondent.slashed > 0n).length;
        if (receipt.earlier.length > 0) seen.add('rounds');
        if (receipt.scorersPaid.length > 0) seen.add('scorers');
        if (receipt.coordinatorPaid > 0n) seen.add('coordinator');
      }
    }),
    { numRuns: 1000, seed: 61 },
  );
  const ends = ['answered', 'belowThreshold', 'unscored', 'noAnswer', 'cancelled', 'rounds', 'scorers', 'coordinator'];
  for (const end of ends) assert.ok(seen.has(end), `${end} was never reached: ${[...seen].join()}`);
  assert.ok(slashed > 100, `${slashed}`);
});
