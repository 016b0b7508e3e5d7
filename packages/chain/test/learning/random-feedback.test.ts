/**
 * Random histories of feedback without blocks around them: given by right and wrong hands, attested by some, given up, paid back or
 * burnt by a round. Every nano is where it should be, and nothing waits for ever (learning §2, §3).
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type Address,
  checkSupply,
  type Hash,
  listPendingBlobs,
  Overlay,
  type Receipt,
  readFeedback,
  readLine,
  settleDeposit,
  writeFeedback,
} from '../../src/index.ts';
import { applyAttestations, expireBlobs } from '../../src/learning/attest.ts';
import { applyFeedbackGive, forgetAsked, rememberAsked } from '../../src/learning/feedback.ts';
import { type Keys, poor, TestChain, user } from '../test-chain.ts';
import { ratingOf } from './talk.ts';

const chain = new TestChain({
  powers: [10n, 20n, 30n, 15n, 25n],
  params: { learning: { feedbackWindow: 6, attestHeights: 4 } },
});
const { params } = chain.genesis;
const { feedbackDeposit: deposit } = params.learning;
const voters = chain.validators.map(({ address, power }) => ({ address, power }));
const people: readonly Keys[] = [user, poor, chain.validators[0]!.expert];
const domains = ['general', 'git'] as const;

type Step = {
  readonly settles: number;
  /** Which query it is about, of those so far; by whom; under which of four contents. */
  readonly gives: readonly { readonly query: number; readonly by: number; readonly content: number }[];
  /** Bits say who attests everything that waits. */
  readonly attests: number;
  /** Settles one deposit that is held, as a round would. */
  readonly closes: 'return' | 'burn' | null;
};

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    settles: fc.nat(2),
    gives: fc.array(fc.record({ query: fc.nat(20), by: fc.nat(2), content: fc.nat(30) }), { maxLength: 4 }),
    attests: fc.nat(31),
    closes: fc.constantFrom('return' as const, 'burn' as const, null, null),
  }),
  { minLength: 4, maxLength: 16 },
);

const idOf = (letter: string, index: number): Hash => index.toString(16).padStart(64, letter) as Hash;

class History {
  readonly overlay: Overlay = new Overlay(chain.state);
  readonly seen: Set<string> = new Set();
  height = 0;
  queries = 0;
  /** Reckoned beside the chain. */
  held = 0n;
  burnt = 0n;

  step({ settles, gives, attests, closes }: Step): void {
    this.height += 1;
    const context = { params, height: this.height, emit: () => undefined };
    const contents = listPendingBlobs(this.overlay).map(({ content }) => content);
    const attestations = voters.flatMap(({ address }, at) =>
      ((attests >> at) & 1) === 1 ? [{ validator: address as Address, contents }] : [],
    );
    applyAttestations(this.overlay, attestations, context);
    for (const give of gives) this.#give(give);
    if (closes !== null) this.#close(closes);
    for (let count = 0; count < settles; count++) this.#settle();
    const late = listPendingBlobs(this.overlay).filter(({ deadline }) => deadline <= this.height).length;
    expireBlobs(this.overlay, context);
    this.#leave(late, 'burn');
    forgetAsked(this.overlay, this.height);
  }

  check(): void {
    const { ok, supply } = checkSupply(chain.state.update(this.overlay.writes()));
    assert.ok(ok);
    assert.deepEqual([supply.escrowed, supply.burnt], [this.held, this.burnt]);
  }

  #settle(): void {
    const at = this.queries++;
    const isPrivate = at % 5 === 4;
    const contract = {
      prompt: isPrivate ? '' : `Question ${at}?`,
      privacy: isPrivate ? { promptHash: idOf('p', 0), promptBytes: 1 } : null,
    };
    const place = { queryId: idOf('a', at), requester: people[at % 2]!.address, domain: domains[at % 2]! };
    const receipt = { ...place, contract, best: at % 7 === 6 ? null : 0 } as unknown as Receipt;
    rememberAsked(this.overlay, receipt, { params, height: this.height });
  }

  #give({ query, by, content }: Step['gives'][number]): void {
    const sender = people[by]!.address;
    const context = { params, height: this.height, emit: () => undefined, sender };
    const give = ratingOf(idOf('a', query), idOf('c', content));
    const code = applyFeedbackGive(this.overlay, give, context);
    this.seen.add(code);
    if (code === 'OK') this.held += deposit;
  }

  #close(way: 'return' | 'burn'): void {
    const domain = domains[this.height % 2]!;
    const [number] = readLine(this.overlay, domain)?.waiting ?? [];
    const feedback = number === undefined ? null : readFeedback(this.overlay, domain, number);
    if (feedback === null || feedback.deposit === 0n) return;
    writeFeedback(this.overlay, { ...settleDeposit(this.overlay, feedback, way), state: 'used' });
    this.seen.add(way);
    this.#leave(1, way);
  }

  #leave(count: number, way: 'return' | 'burn'): void {
    if (count > 0) this.seen.add(`left ${way}`);
    this.held -= deposit * BigInt(count);
    if (way === 'burn') this.burnt += deposit * BigInt(count);
  }
}

const quiet: Step = { settles: 0, gives: [], attests: 0, closes: null };

test('five hundred random histories: deposits are held, paid back or burnt to the nano, and no record waits for ever', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(steps, (plan) => {
      const history = new History();
      for (const step of plan) {
        history.step(step);
        history.check();
      }
      for (let height = 0; height < 6; height++) history.step(quiet);
      history.check();
      assert.deepEqual(listPendingBlobs(history.overlay), []);
      const written = [...history.overlay.writes()];
      assert.ok(written.every(([key, value]) => value === null || !key.startsWith('asked')));
      for (const one of history.seen) seen.add(one);
    }),
    { numRuns: 500, seed: 7 },
  );
  const codes = [
    'OK',
    'QUERY_UNKNOWN',
    'FEEDBACK_FOREIGN',
    'FEEDBACK_TWICE',
    'FEEDBACK_PRIVATE',
    'INSUFFICIENT_BALANCE',
  ];
  for (const one of [...codes, 'return', 'burn', 'left burn', 'left return'])
    assert.ok(seen.has(one), `${one} was never reached: ${[...seen].join()}`);
});

test('available exactly when more than 2/3 of the power has attested, in any order and number of steps', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(31), { maxLength: 4 }), (masks) => {
      const overlay = new Overlay(chain.state);
      const context = { params, height: 1, emit: () => undefined };
      const receipt = {
        queryId: idOf('a', 1),
        requester: user.address,
        domain: 'general',
        contract: { prompt: 'Question?', privacy: null },
      };
      rememberAsked(overlay, { ...receipt, best: 0 } as unknown as Receipt, context);
      const content = idOf('c', 1);
      const give = ratingOf(receipt.queryId, content);
      assert.equal(applyFeedbackGive(overlay, give, { ...context, sender: user.address }), 'OK');
      let all = 0;
      for (const mask of masks) {
        all |= mask;
        const attestations = voters.flatMap(({ address }, at) =>
          ((mask >> at) & 1) === 1 ? [{ validator: address, contents: [content] }] : [],
        );
        applyAttestations(overlay, attestations, context);
        const power = voters.reduce((sum, one, at) => sum + (((all >> at) & 1) === 1 ? one.power : 0n), 0n);
        const isDue = 3n * power > 200n;
        assert.equal(readFeedback(overlay, 'general', 0)?.state === 'available', isDue);
      }
    }),
  );
});
