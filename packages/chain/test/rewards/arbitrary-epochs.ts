/** Random epochs: scorers, experts, scores and bonds, masked pairs and strangers among them. */
import fc from 'fast-check';
import { type Address, REWARD_SETTINGS, type RewardInput } from '../../src/index.ts';

export const scorerOf = (index: number): Address => `s${String(index).padStart(2, '0')}` as Address;
export const expertOf = (index: number): Address => `e${String(index).padStart(2, '0')}` as Address;
const operatorOf = (index: number): Address => `o${String(index).padStart(2, '0')}` as Address;

const most = 6;
const index: fc.Arbitrary<number> = fc.nat({ max: most });
const ppm: fc.Arbitrary<number> = fc.nat({ max: 1_000_000 });

const settings = fc
  .record({
    kappa: fc.constantFrom(400_000, 500_000, 600_000),
    bondsPenalty: fc.constantFrom(0, 500_000, 1_000_000, 1_250_000),
    alpha: fc.constantFrom(25_000, { low: 100_000, high: 300_000, steepnessHundredths: 1000 }),
    columnShare: fc.constantFrom('stakedBonds' as const, 'bonds' as const),
    priorAnswers: fc.nat({ max: 5 }),
  })
  .map((some) => ({ ...REWARD_SETTINGS, ...some }));

/** An expert may be operated by a scorer (its operator is then masked). */
export const epochs: fc.Arbitrary<RewardInput> = fc.record({
  scorers: fc
    .array(fc.record({ stake: fc.bigInt({ min: 0n, max: 10n ** 12n }), accuracy: ppm, attendance: ppm }), {
      maxLength: most,
    })
    .map((list) => list.map((scorer, i) => ({ ...scorer, operator: scorerOf(i) }))),
  experts: fc
    .array(
      fc.record({
        collateral: fc.bigInt({ min: 10n ** 9n, max: 10n ** 14n }),
        own: fc.boolean(),
      }),
      {
        maxLength: most,
      },
    )
    .map((list) =>
      list.map(({ collateral, own }, j) => ({
        collateral,
        cap: null,
        expert: expertOf(j),
        operator: own ? scorerOf(j) : operatorOf(j),
      })),
    ),
  tally: fc.array(
    fc.record({ scorer: index, expert: index, mean: ppm, count: fc.integer({ min: 1, max: 50 }) }).map((entry) => ({
      scorer: scorerOf(entry.scorer),
      expert: expertOf(entry.expert),
      sum: entry.mean * entry.count,
      count: entry.count,
    })),
    { maxLength: 40 },
  ),
  bonds: fc.uniqueArray(
    fc.record({ scorer: index.map(scorerOf), expert: index.map(expertOf), bond: fc.nat({ max: 1_000_000_000 }) }),
    { maxLength: 20, selector: ({ scorer, expert }) => scorer + expert },
  ),
  emission: fc.bigInt({ min: 0n, max: 10n ** 18n }),
  settings,
});
