/** The published scenarios: bonds and dividends of every epoch within 1e-3. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Address, epochRewards, REWARD_SETTINGS, type RewardBond, type RewardSettings } from '../../src/index.ts';
import { readVectors } from '../crypto/read-vectors.ts';

type Epoch = {
  readonly epoch: number;
  readonly weights: readonly (readonly number[])[];
  readonly bonds: readonly (readonly number[])[];
  readonly dividends: readonly number[];
};
type Scenario = {
  readonly stakes: readonly number[];
  readonly kappa: string;
  readonly bonds_penalty: number;
  readonly liquid_alpha: { readonly low: number; readonly high: number; readonly steepness: number } | null;
  readonly alpha: number | null;
  readonly tolerance: number;
  readonly epochs: readonly Epoch[];
};

const ppm = (value: number): number => Math.round(value * 1_000_000);
const scorerOf = (index: number) => `scorer${index}` as Address;
const expertOf = (index: number) => `expert${index}` as Address;

function settingsOf(scenario: Scenario): RewardSettings {
  const [over, under] = scenario.kappa.split('/').map(Number);
  const liquid = scenario.liquid_alpha;
  return {
    ...REWARD_SETTINGS,
    kappa: ppm(over! / under!),
    bondsPenalty: ppm(scenario.bonds_penalty),
    alpha:
      liquid === null
        ? ppm(scenario.alpha!)
        : { low: ppm(liquid.low), high: ppm(liquid.high), steepnessHundredths: liquid.steepness },
    columnShare: 'bonds',
    priorAnswers: 0,
  };
}

const vectors = readVectors<{ readonly scenarios: Readonly<Record<string, Scenario>> }>('scores/yuma3.json');

for (const [name, scenario] of Object.entries(vectors?.scenarios ?? {})) {
  test(`${name} within ${scenario.tolerance}`, () => {
    let bonds: readonly RewardBond[] = [];
    for (const epoch of scenario.epochs) {
      const near = (got: number, expected: number, what: string) =>
        assert.ok(Math.abs(got / 1e9 - expected) <= scenario.tolerance, `${what}: ${got} of 1e9, expected ${expected}`);
      const rewards = epochRewards({
        scorers: scenario.stakes.map((stake, i) => ({
          operator: scorerOf(i),
          stake: BigInt(stake),
          accuracy: 1_000_000,
          attendance: 1_000_000,
        })),
        experts: epoch.weights[0]!.map((_, j) => ({
          expert: expertOf(j),
          operator: `operator${j}` as Address,
          cap: null,
          collateral: 1n,
        })),
        tally: epoch.weights.flatMap((row, i) =>
          row.map((weight, j) => ({ scorer: scorerOf(i), expert: expertOf(j), sum: ppm(weight), count: 1 })),
        ),
        bonds,
        emission: 2_000_000_000n,
        settings: settingsOf(scenario),
      });
      bonds = rewards.bonds;
      for (const [i, row] of epoch.bonds.entries()) {
        for (const [j, expected] of row.entries()) {
          const found = bonds.find(({ scorer, expert }) => scorer === scorerOf(i) && expert === expertOf(j));
          near(found?.bond ?? 0, expected, `epoch ${epoch.epoch} bond ${i} ${j}`);
        }
      }
      for (const [i, expected] of epoch.dividends.entries()) {
        near(rewards.scorers[i]!.dividend, expected, `epoch ${epoch.epoch} dividend ${i}`);
        near(Number(rewards.scorers[i]!.payment), expected, `epoch ${epoch.epoch} payment ${i}`);
      }
    }
  });
}
