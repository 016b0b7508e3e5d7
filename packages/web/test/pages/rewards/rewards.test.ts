import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formulaParts } from '../../../src/pages/rewards/formula.ts';
import { REWARD_COLUMNS, rewardsCsv } from '../../../src/pages/rewards/rewards-csv.ts';

const settings = {
  kappa: '0.500',
  bondsPenalty: '1.250',
  columnShare: 'stakedBonds',
  priorAnswers: 4,
  expertsShare: '0.500',
  alphaLow: '0.100',
  alphaHigh: '0.300',
  alphaSteepnessHundredths: 1_000,
} as const;

const opinion = {
  scorer: 'syn1v',
  power: '700000000',
  sum: '1800000',
  count: 2,
  weight: 600_000_000,
  clipped: 500_000_000,
};
const asExpert = {
  collateral: '100000000000',
  opinions: [opinion],
  power: '700000000',
  consensus: 500_000_000,
  rank: String(700_000_000n * 500_000_000n),
  rankSum: String(2n * 700_000_000n * 500_000_000n),
  incentive: 500_000_000,
  pot: '500000000',
  payment: '250000000',
};
const asScorer = {
  stake: '1000',
  accuracy: '0.700',
  attendance: '1.000',
  power: '700000000',
  active: true,
  bonds: [
    {
      expert: 'syn1e',
      weight: 1,
      consensus: 1,
      target: 1,
      bondBefore: 0,
      alpha: 1,
      bond: 1,
      incentive: 1,
      over: '1',
      part: '300',
    },
    {
      expert: 'syn1f',
      weight: 1,
      consensus: 1,
      target: 1,
      bondBefore: 0,
      alpha: 1,
      bond: 1,
      incentive: 1,
      over: '1',
      part: '100',
    },
  ],
  dividend: '400',
  dividendSum: '1000',
  pot: '500000000',
  payment: '200000000',
};
const explanation = {
  epoch: 2,
  height: '120',
  address: 'syn1x',
  emission: '1000000000',
  settings,
  asExpert,
  asScorer,
  text: '',
};

const step = (part: number, name: string, given: object = {}) =>
  formulaParts({ ...explanation, ...given } as never)[part]?.steps.find((each) => each.name === name);

test('every step that its numbers determine is reckoned again and right', () => {
  const steps = formulaParts(explanation).flatMap((part) =>
    part.steps.map(({ name, isRight }) => [part.title, name, isRight]),
  );
  assert.deepEqual(steps, [
    ['As an expert', "Experts' pot", true],
    ['As an expert', 'Consensus', null],
    ['As an expert', 'Rank', true],
    ['As an expert', 'Incentive', true],
    ['As an expert', 'Payment', true],
    ['As a scorer', "Scorers' pot", true],
    ['As a scorer', 'Power', true],
    ['As a scorer', 'Dividend', true],
    ['As a scorer', 'Payment', true],
  ]);
});

test('a number that is off by one nano is not right', () => {
  assert.equal(step(0, 'Payment', { asExpert: { ...asExpert, payment: '250000001' } })?.isRight, false);
  assert.equal(step(1, 'Payment', { asScorer: { ...asScorer, payment: '199999999' } })?.isRight, false);
  assert.equal(step(1, 'Power', { asScorer: { ...asScorer, accuracy: '0.700001' } })?.isRight, false);
  assert.equal(step(0, 'Rank', { asExpert: { ...asExpert, rank: '1' } })?.isRight, false);
  for (const dividend of ['399', '401'])
    assert.equal(step(1, 'Dividend', { asScorer: { ...asScorer, dividend } })?.isRight, false, dividend);
});

test('what is below the share was capped, and says so', () => {
  const capped = step(0, 'Payment', { asExpert: { ...asExpert, payment: '8050' } });
  assert.equal(capped?.isRight, null);
  assert.match(capped?.filled ?? '', /above its cap/);
  assert.equal(capped?.result, '0.00000805 SYN');
});

test('numbers stand in the formulas', () => {
  assert.equal(step(0, 'Payment')?.filled, '0.5 SYN × 0.5 = 0.25 SYN');
  assert.equal(step(1, 'Power')?.filled, '1,000 × 0.700 × 1.000');
  assert.equal(step(1, 'Power')?.result, '700');
});

test('who had no part has no formulas', () => {
  assert.deepEqual(formulaParts({ ...explanation, asExpert: null, asScorer: null }), []);
});

test('the CSV has one line a payee, with exact amounts and quoted names', () => {
  const table = {
    epoch: 2,
    height: '120',
    emission: '1000000000',
    issued: '250000001',
    settings,
    experts: [{ expert: 'syn1e', collateral: '100', consensus: 1, incentive: 2, payment: '250000001' }],
    scorers: [{ operator: 'syn1v', stake: '1000', accuracy: '0.700', attendance: '1.000', dividend: 3, payment: '0' }],
  };
  const lines = rewardsCsv(table, (address) => (address === 'syn1e' ? 'math, "tiny"' : '')).split('\r\n');
  assert.equal(lines[0], REWARD_COLUMNS.join(','));
  assert.equal(lines[1], '2,120,expert,syn1e,"math, ""tiny""",100,,1,2,,,,250000001,0.250000001');
  assert.equal(lines[2], '2,120,scorer,syn1v,,,1000,,,0.700,1.000,3,0,0');
  assert.equal(lines.length, 4);
});
