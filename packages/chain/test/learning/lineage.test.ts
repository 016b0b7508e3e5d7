/** Pay for those whose feedback and deltas answer (learning §10). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type Address,
  CHAIN_LIMITS,
  type Contribution,
  checkSupply,
  lineagePayments,
  listLineageUse,
  type ModelVersion,
  newLine,
  Overlay,
  PPM,
  readAccount,
  readSupply,
  writeFeedback,
  writeLine,
  writeVersion,
  ZERO_HASH,
} from '../../src/index.ts';
import { payLineage, recordUse } from '../../src/learning/lineage.ts';
import { firstVersion } from '../../src/learning/versions.ts';
import { settle } from '../market/plays.ts';
import { generated, keysOf, user } from '../test-chain.ts';
import { DOMAIN, feedbackAt, goodReport, hashOf, learningChain, plant, playRound, versionAt } from './play-round.ts';

const LINE = 'made';
const [ada, bob, cy] = ['ada', 'bob', 'cy'].map((name) => keysOf(name).address) as [Address, Address, Address];

type Sketch = {
  readonly number: number;
  readonly parent: number;
  readonly decidedAt: number;
  readonly factors?: string;
  readonly trainers?: readonly (readonly [Address, Contribution['verdict']])[];
  readonly authors?: readonly Address[];
};

/** Versions as if rounds had made them; the last one is stable. */
function lineOf(overlay: Overlay, sketches: readonly Sketch[]): void {
  let feedback = 0;
  for (const { number, parent, decidedAt, factors, trainers = [], authors = [] } of sketches) {
    const learnt = authors.map((author) => {
      const chain = { ...template, domain: LINE, number: feedback, author };
      writeFeedback(overlay, chain);
      return feedback++;
    });
    const contributions = trainers.map(([expert, verdict]) => ({ expert, verdict, content: ZERO_HASH, bytes: 0 }));
    const own = factors === undefined ? ZERO_HASH : hashOf(factors);
    const version: ModelVersion = {
      ...firstVersion({ domain: LINE, factors: own, adapter: own }),
      number,
      parent,
      decidedAt,
      learnt,
      contributions,
    };
    writeVersion(overlay, version);
  }
  writeLine(overlay, { ...newLine(LINE), stable: sketches.at(-1)!.number });
}

const plain = learningChain();
plant(plain, ['correct']);
const template = { ...feedbackAt(plain, 0), deposit: 0n, state: 'used' as const };
const params = plain.genesis.params;

function paid(sketches: readonly Sketch[], amount: bigint, height = 100): Record<string, bigint> {
  const overlay = new Overlay(plain.state);
  lineOf(overlay, sketches);
  const payments = lineagePayments(overlay, { domain: LINE, amount, height, params });
  return Object.fromEntries(payments.map(({ account, payment }) => [account, payment]));
}

test('half of a version’s pay goes to good trainers, half to authors of what it learnt, each part alike', () => {
  const trainers = [
    [ada, 'ok'],
    [bob, 'ok'],
    [cy, 'harmful'],
  ] as const;
  const version = { number: 1, parent: 0, decidedAt: 50, factors: 'x', trainers, authors: [cy, cy, ada] };
  // 500 among two trainers, 500 among three passages, each rounded down.
  assert.deepEqual(paid([version], 1_000n), { [ada]: 250n + 166n, [bob]: 250n, [cy]: 332n });
});

test('a half without owners goes to the other; trainers own nothing where the weights were refused', () => {
  const trainers = [[ada, 'ok']] as const;
  const common = { number: 1, parent: 0, decidedAt: 50 };
  assert.deepEqual(paid([{ ...common, factors: 'x', trainers }], 1_000n), { [ada]: 1_000n });
  assert.deepEqual(paid([{ ...common, trainers, authors: [bob] }], 1_000n), { [bob]: 1_000n });
  assert.deepEqual(paid([{ ...common, factors: 'x', trainers: [[ada, 'idle']], authors: [bob] }], 1_000n), {
    [bob]: 1_000n,
  });
});

test('versions on the stable one’s line share alike, for a bounded time; what was rolled back gets nothing', () => {
  const one = (number: number, parent: number, decidedAt: number, author: Address): Sketch => ({
    number,
    parent,
    decidedAt,
    authors: [author],
  });
  // Version 2 was taken back: 3 was made from 1.
  const line = [one(1, 0, 10, ada), one(2, 1, 20, bob), one(3, 1, 30, cy)];
  assert.deepEqual(paid(line, 1_000n), { [ada]: 500n, [cy]: 500n });
  const { lineageHeights } = params.learning;
  assert.deepEqual(paid(line, 1_000n, 10 + lineageHeights), { [ada]: 500n, [cy]: 500n });
  assert.deepEqual(paid(line, 1_000n, 11 + lineageHeights), { [cy]: 1_000n });
  assert.deepEqual(paid(line, 1_000n, 31 + lineageHeights), {});
});

test('at most the newest versions of a line are paid', () => {
  const count = CHAIN_LIMITS.lineageVersionsMax + 3;
  const line = Array.from({ length: count }, (_, index) => ({
    number: index + 1,
    parent: index,
    decidedAt: index,
    authors: [keysOf(`author ${index}`).address],
  }));
  const payments = paid(line, 64_000n);
  assert.equal(Object.keys(payments).length, CHAIN_LIMITS.lineageVersionsMax);
  assert.equal(payments[keysOf('author 2').address], undefined);
  assert.equal(payments[keysOf('author 3').address], 1_000n);
});

test('never more than the amount is divided, whatever the line', () => {
  const accounts = fc.constantFrom(ada, bob, cy);
  const verdicts = fc.constantFrom<Contribution['verdict']>('ok', 'idle', 'copy');
  const sketch = fc.record({
    factors: fc.constantFrom('x', 'y'),
    trainers: fc.array(fc.tuple(accounts, verdicts), { maxLength: 5 }),
    authors: fc.array(accounts, { maxLength: 5 }),
  });
  fc.assert(
    fc.property(fc.array(sketch, { minLength: 1, maxLength: 6 }), fc.bigInt(0n, 10_000n), (sketches, amount) => {
      const line = sketches.map((each, at) => ({ ...each, number: at + 1, parent: at, decidedAt: at }));
      const sum = Object.values(paid(line, amount)).reduce((total, payment) => total + payment, 0n);
      assert.ok(sum <= amount);
      const isOwned = (at: number) => {
        const { trainers, authors, factors } = sketches[at]!;
        const isTrained = factors !== sketches[at - 1]?.factors && trainers.some(([, verdict]) => verdict === 'ok');
        return isTrained || authors.length > 0;
      };
      // What is lost is rounding, where every version has somebody to pay.
      if (sketches.every((_, at) => isOwned(at)))
        assert.ok(amount - sum <= BigInt(11 * sketches.length), `${amount} ${sum}`);
    }),
    { numRuns: 400 },
  );
});

test('a query earns its domain a part of what it paid to scorers in other hands than the requester’s', () => {
  const { lineageRatio } = params.learning;
  const [own, other] = plain.validators.map(({ address }) => address);
  const earned = (requester: Address, version: number, group: number | null) => {
    const overlay = new Overlay(plain.state);
    const respondents = [
      { version: 0, group: 0 },
      { version, group },
    ];
    const scorersPaid = [
      { validator: own!, paid: 1_000_000n },
      { validator: other!, paid: 10_000_000n },
    ];
    recordUse(overlay, { domain: LINE, requester, respondents, scorersPaid }, params);
    recordUse(overlay, { domain: LINE, requester, respondents, scorersPaid }, params);
    return listLineageUse(overlay)[0]?.earned ?? 0n;
  };
  const part = (paidAway: bigint) => 2n * ((paidAway * BigInt(lineageRatio)) / BigInt(PPM));
  assert.equal(earned(user.address, 3, 0), part(11_000_000n));
  assert.equal(earned(plain.validators[0]!.expert.address, 3, 0), part(10_000_000n));
  assert.equal(earned(user.address, 0, 0), 0n);
  assert.equal(earned(user.address, 3, null), 0n);
});

test('an epoch issues what its domains earned, at most the emission, and forgets it', () => {
  const pay = (lineageEmission: bigint, epochHeights = 10, height = 20) => {
    const overlay = new Overlay(plain.state);
    lineOf(overlay, [{ number: 1, parent: 0, decidedAt: 10, authors: [ada] }]);
    const respondents = [{ version: 1, group: 0 }];
    const scorersPaid = [{ validator: bob, paid: 4_000n }];
    recordUse(overlay, { domain: LINE, requester: user.address, respondents, scorersPaid }, params);
    const { staking, learning } = params;
    const own = { ...params, staking: { ...staking, epochHeights }, learning: { ...learning, lineageEmission } };
    const before = readSupply(overlay).issued;
    payLineage(overlay, { params: own, height, emit: () => undefined });
    assert.equal(readSupply(overlay).issued - before, readAccount(overlay, ada).balance);
    return { paid: readAccount(overlay, ada).balance, left: listLineageUse(overlay).length };
  };
  assert.deepEqual(pay(1_000_000n), { paid: 1_000n, left: 0 });
  assert.deepEqual(pay(300n), { paid: 300n, left: 0 });
  assert.deepEqual(pay(1_000_000n, 10, 21), { paid: 0n, left: 1 });
});

test('on a chain: an adopted version answers, its epoch pays trainers and authors to the nano', () => {
  const chain = learningChain({ staking: { epochHeights: 60 }, learning: { canaryHeights: 2, lineageRatio: 900_000 } });
  plant(chain, ['correct', 'good', 'correct', 'good']);
  playRound(chain, { reportOf: (_, round) => goodReport(round) });
  chain.next();
  chain.next();
  assert.equal(versionAt(chain, 1).state, 'stable');
  const id = chain.open({ scorerShare: 100_000, maxFee: 1_000_000_000n });
  chain.answer(id, [generated('Paris'.repeat(30)), generated('Paris'.repeat(30))]);
  const { scorersPaid } = settle(chain, id);
  const away = scorersPaid.reduce((sum, each) => sum + each.paid, 0n);
  const earned = (away * 900_000n) / 1_000_000n;
  assert.ok(earned > 100n);
  assert.deepEqual(listLineageUse(chain.state), [{ domain: DOMAIN, earned }]);
  const events = [];
  while (chain.height < 60) events.push(...chain.next().events);
  const payments = events.flatMap((event) => (event.type === 'lineage.paid' ? [event] : []));
  assert.equal(payments.length, 1);
  const half = earned / 2n;
  const shares = new Map(payments[0]!.payments.map(({ account, payment }) => [account, payment]));
  // Both corrections are the user's; four trainers share the other half.
  assert.equal(shares.get(user.address), 2n * ((earned - half) / 2n));
  for (const { expert } of versionAt(chain, 1).contributions) assert.equal(shares.get(expert), half / 4n);
  assert.equal(shares.size, 5);
  assert.ok(checkSupply(chain.state).ok);
});
