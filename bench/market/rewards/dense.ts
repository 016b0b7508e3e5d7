/** The largest input there is: everybody has scored everybody and is bonded to everybody. Owns that input. */
import { type Address, REWARD_SETTINGS, type RewardInput } from '../../../packages/chain/src/index.ts';
import { makeDraws } from './draws.ts';

export function denseInput(scorers: number, experts: number): RewardInput {
  const draws = makeDraws(1);
  const name = (kind: string, index: number) => `${kind}${String(index).padStart(3, '0')}` as Address;
  const pairs = Array.from({ length: scorers * experts }, (_, index) => ({
    scorer: name('s', Math.floor(index / experts)),
    expert: name('e', index % experts),
  }));
  return {
    scorers: Array.from({ length: scorers }, (_, i) => ({
      operator: name('s', i),
      stake: BigInt(1 + i) * 10n ** 9n,
      accuracy: 800_000,
      attendance: 1_000_000,
    })),
    experts: Array.from({ length: experts }, (_, j) => ({
      expert: name('e', j),
      operator: name('o', j),
      cap: null,
      collateral: BigInt(1 + j) * 10n ** 12n,
    })),
    tally: pairs.map((pair) => ({ ...pair, sum: Math.floor(draws.uniform() * 10_000_000), count: 10 })),
    bonds: pairs.map((pair) => ({ ...pair, bond: Math.floor(draws.uniform() * 8_000_000) })),
    emission: 10n ** 15n,
    settings: REWARD_SETTINGS,
  };
}
