/** What a candidate weighs, factor by factor (market §3.3–§3.6). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type Candidate,
  comparedFee,
  listCandidates,
  newcomerWeight,
  reputationDeviation,
  reputationMean,
} from '../../src/index.ts';
import { addressOfExpert, Urn, type UrnExpert } from './urn.ts';

const M = 1_000_000;
const PLAIN = { market: { sharpness: 2, exploration: M } };

function weighed(urn: Urn, contract = {}): Map<string, Candidate> {
  const { candidates } = listCandidates(urn.state, urn.query({ maxFee: 1_000_000_000n, ...contract }));
  const names = ['a', 'b', 'c', 'd'].map((name) => [addressOfExpert(name), name] as const);
  return new Map(candidates.map((each) => [new Map(names).get(each.expert.address)!, each]));
}

test('market §3.3: quality is the mean and its uncertainty, from one millionth to 1', () => {
  const urn = new Urn(
    [
      { name: 'a', reputation: { alpha: 9 * M, beta: 3 * M } },
      { name: 'b' },
      { name: 'c', reputation: { alpha: 0, beta: 50 * M } },
      { name: 'd', reputation: { alpha: 2 * M, beta: M / 10 } },
    ],
    PLAIN,
  );
  const candidates = weighed(urn);
  // 9 / 12, and √(27 / (144 · 13)) = 0.120096….
  assert.deepEqual(
    [candidates.get('a')!.mean, candidates.get('a')!.deviation, candidates.get('a')!.quality],
    [750_000, 120_096, 870_096],
  );
  // The prior: √(1 / 12).
  assert.deepEqual([candidates.get('b')!.mean, candidates.get('b')!.deviation], [500_000, 288_675]);
  assert.equal(candidates.get('c')!.quality, 1);
  assert.equal(candidates.get('d')!.quality, M);
  assert.equal(candidates.get('c')!.weight, 1_000n, 'sharpness 2 of one millionth, in 10⁻¹⁵');
  const shy = weighed(new Urn([{ name: 'b' }], { market: { sharpness: 2, exploration: M / 2 } })).get('b')!;
  assert.equal(shy.quality, 644_337);
});

test('market §3.3: the weight is the quality to the power of the sharpness', () => {
  const reputation = { alpha: 9 * M, beta: 3 * M };
  const weightAt = (sharpness: number) =>
    weighed(new Urn([{ name: 'a', reputation }], { market: { sharpness, exploration: 0 } })).get('a')!.weight;
  assert.deepEqual([0, 1, 2, 3].map(weightAt), [
    10n ** 15n,
    750n * 10n ** 12n,
    5625n * 10n ** 11n,
    421_875n * 10n ** 9n,
  ]);
});

test('market §3.4: load is capacity over capacity and open assignments', () => {
  const at = (capacity: number, active: number) =>
    weighed(new Urn([{ name: 'a', profile: { capacity }, record: { active } }], PLAIN)).get('a')!;
  assert.deepEqual([at(4, 0).load, at(4, 4).load, at(1, 2).load], [M, M / 2, 333_333]);
  assert.equal(at(4, 4).weight, (at(4, 0).weight * 500_000n) / 1_000_000n);
});

test('market §3.5: price is the cheapest fee over the own, from a quarter to 1', () => {
  const priced = (priceInPerByte: bigint, priceOutPerByte: bigint, priceQuotePerByte = 0n) => ({
    profile: { priceInPerByte, priceOutPerByte, priceQuotePerByte },
  });
  // A prompt of 30 bytes and 256 bytes of the dearer class: 2860, 5720, 28 600 and 3000.
  const urn = new Urn(
    [
      { name: 'a', ...priced(10n, 10n) },
      { name: 'b', ...priced(20n, 1n, 20n) },
      { name: 'c', ...priced(100n, 100n) },
    ],
    PLAIN,
  );
  const candidates = weighed(urn);
  assert.deepEqual(
    ['a', 'b', 'c'].map((name) => candidates.get(name)!.price),
    [M, M / 2, M / 4],
  );
  assert.equal(candidates.get('b')!.weight, candidates.get('a')!.weight / 2n);
  const free = weighed(
    new Urn(
      [
        { name: 'a', ...priced(0n, 0n) },
        { name: 'b', ...priced(1n, 1n) },
      ],
      PLAIN,
    ),
  );
  assert.deepEqual([free.get('a')!.price, free.get('b')!.price], [M, M / 4], 'nothing is cheaper than free');
});

const reputations = fc.record({
  alpha: fc.integer({ min: 0, max: 100 * M }),
  beta: fc.integer({ min: 1, max: 100 * M }),
});

test('market §3.3: weights are positive, and those of a full domain are less than 2⁶³ together', () => {
  const expert = fc.record({
    reputation: reputations,
    capacity: fc.integer({ min: 1, max: 1024 }),
    active: fc.integer({ min: 0, max: 4096 }),
    price: fc.bigInt(0n, 1_000_000n),
  });
  const market = fc.record({
    sharpness: fc.integer({ min: 0, max: 64 }),
    exploration: fc.integer({ min: 0, max: 4 * M }),
  });
  fc.assert(
    fc.property(fc.array(expert, { minLength: 1, maxLength: 4 }), market, (experts, params) => {
      const list = experts.map(
        ({ reputation, capacity, active, price }, index): UrnExpert => ({
          name: 'abcd'[index]!,
          operator: index < 2 ? 'same' : 'other',
          profile: { capacity, priceInPerByte: price },
          record: { active },
          reputation,
        }),
      );
      for (const { weight } of weighed(new Urn(list, { market: params })).values())
        assert.ok(weight > 0n && weight * 256n < 2n ** 63n);
    }),
    { numRuns: 100 },
  );
});

test('market §3.3: at equal evidence, who scores better is drawn with no less probability', () => {
  const total = fc.integer({ min: M, max: 60 * M });
  fc.assert(
    fc.property(total, fc.integer({ min: 1, max: 999 }), fc.integer({ min: 1, max: 999 }), (sum, one, other) => {
      const share = (part: number) => {
        const alpha = Math.floor((sum / 1000) * part);
        const reputation = { alpha, beta: sum - alpha };
        return new Urn([{ name: 'a', reputation }, { name: 'b' }]).shares({ maxFee: 1_000_000_000n }).get('a')!;
      };
      assert.ok(share(Math.max(one, other)) >= share(Math.min(one, other)) * (1 - 1e-4));
    }),
    { numRuns: 100 },
  );
});

test('market §3.3: selection does not depend on the order of registration', () => {
  const list: UrnExpert[] = [
    { name: 'a', reputation: { alpha: 5 * M, beta: M } },
    { name: 'b', operator: 'pair' },
    { name: 'c', operator: 'pair', reputation: { alpha: M, beta: 4 * M } },
    { name: 'd', record: { active: 3 } },
  ];
  const drawn = new Urn(list).explain(7, { respondents: 3 });
  fc.assert(
    fc.property(fc.shuffledSubarray(list, { minLength: list.length }), (order) => {
      const again = new Urn(order).explain(7, { respondents: 3 });
      assert.deepEqual(again.draws, drawn.draws);
      assert.deepEqual(again.candidates, drawn.candidates);
    }),
  );
});

test('market §3.6: one operator’s experts divide what one would weigh that did all their work', () => {
  const alone = new Urn([{ name: 'z', reputation: { alpha: 9 * M, beta: 3 * M } }], PLAIN);
  const one = alone.explain(0).candidates[0]!.weight;
  // 2 · 5 − 1 = 9 and 2 · 2 − 1 = 3: together they know what the one does.
  const half = { alpha: 5 * M, beta: 2 * M };
  const split = weighed(
    new Urn(
      [
        { name: 'a', operator: 'same', reputation: half },
        { name: 'b', operator: 'same', reputation: half },
      ],
      PLAIN,
    ),
  );
  assert.deepEqual([split.get('a')!.weight, split.get('b')!.weight], [one / 2n, one / 2n]);
  assert.equal(split.get('a')!.siblings, 2);
  assert.ok(split.get('a')!.alone > one / 2n);
});

test('market §3.6: an idle or cheap sibling brings no more than the best of them weighs', () => {
  const known = { alpha: 2 * M, beta: 2 * M };
  const urn = new Urn(
    [
      { name: 'a', operator: 'same', reputation: known, record: { active: 4 } },
      { name: 'b', operator: 'same', reputation: { alpha: M, beta: 30 * M } },
    ],
    PLAIN,
  );
  const candidates = weighed(urn);
  const best = candidates.get('a')!.alone;
  assert.ok(candidates.get('a')!.weight + candidates.get('b')!.weight <= best);
});

test('market §3.6: 2 to 16 names never raise an operator’s part of the weights, however its work is spread', () => {
  const standing = fc.record({ score: fc.integer({ min: 0, max: M }), answers: fc.integer({ min: 0, max: 64 }) });
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 16 }), standing, (names, { score, answers }) => {
      const rivals: UrnExpert[] = [{ name: 'rival' }, { name: 'good', reputation: { alpha: 8 * M, beta: 2 * M } }];
      // Without forgetting, evidence adds up: what one would know is the sum of what many do.
      const params = { reputationForgetting: M };
      const single = new Urn([...rivals, { name: 'm0', operator: 'm' }], params);
      const many = Array.from({ length: names }, (_, i) => ({ name: `m${i}`, operator: 'm' }));
      const split = new Urn([...rivals, ...many], params);
      for (let i = 0; i < answers; i++) {
        single.observe('m0', score);
        split.observe(`m${i % names}`, score);
      }
      const sum = (urn: Urn) =>
        [...urn.shares()].filter(([name]) => /^m\d/.test(name)).reduce((all, [, part]) => all + part, 0);
      assert.ok(sum(split) <= sum(single) + 1e-9, `${sum(split)} of ${sum(single)}`);
    }),
    { numRuns: 60 },
  );
});

test('market §3.7: whoever is drawn takes all experts of its operator out of the urn', () => {
  const urn = new Urn([{ name: 'a', operator: 'pair' }, { name: 'b', operator: 'pair' }, { name: 'c' }]);
  for (let beacon = 0; beacon < 40; beacon++) {
    const drawn = urn.draw(beacon, { respondents: 3 });
    assert.equal(drawn.length, 2);
    assert.ok(drawn.includes('c'));
  }
});

test('mean and deviation of nothing known are nothing', () => {
  assert.deepEqual([reputationMean({ alpha: 0, beta: 0 }), reputationDeviation({ alpha: 0, beta: 0 })], [0, 0]);
});

test('what a newcomer would weigh is what it weighs once it is there, cheapest or not', () => {
  const known = { name: 'a', reputation: { alpha: 9 * M, beta: 2 * M } } as const;
  for (const priceOutPerByte of [4_000n, 10_000n, 25_000n, 90_000n]) {
    const urn = new Urn([known, { name: 'b', profile: { priceOutPerByte } }], PLAIN);
    const candidates = weighed(urn);
    const promptBytes = new TextEncoder().encode(urn.query().contract.prompt).length;
    const [rival, own] = ['a', 'b'].map((name) => comparedFee(urn.expert(name).profile, promptBytes));
    assert.equal(newcomerWeight(own!, rival!, urn.params.market), candidates.get('b')!.weight);
  }
});
