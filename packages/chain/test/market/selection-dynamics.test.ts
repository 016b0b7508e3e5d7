/**
 * What the default parameters come to over many queries, with fixed beacons: how soon bad experts are told from good ones, how soon one that
 * turns bad loses its share, what a newcomer gets. Scores are those of a judge that is sure: about 0.9 for right, 0.06 for wrong.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reputationMean, sha256 } from '../../src/index.ts';
import { Urn } from './urn.ts';

/** Chance of a right answer. */
const GOOD = { g0: 0.9, g1: 0.9, g2: 0.7, g3: 0.7, g4: 0.7 };
const BAD = { b0: 0.1, b1: 0.05, b2: 0, b3: 0, b4: 0.1 };
const SEEDS = [1, 2, 3, 4, 5, 6, 7];
const TERMS = { respondents: 2, maxFee: 1_000_000_000n };
const SETTLED = 60;

class Market {
  readonly urn: Urn;
  readonly skill: Record<string, number>;
  readonly #seed: number;
  #asked = 0;

  constructor(skill: Readonly<Record<string, number>>, seed: number) {
    this.urn = new Urn(Object.keys(skill).map((name) => ({ name })));
    this.skill = { ...skill };
    this.#seed = seed;
  }

  /** One query, its answers scored; names of the respondents. */
  ask(): string[] {
    this.#asked += 1;
    this.urn.at(8 * this.#asked);
    const drawn = this.urn.draw(10_000 * this.#seed + this.#asked, TERMS);
    for (const name of drawn) this.urn.observe(name, this.#chance(name) < this.skill[name]! ? 900_000 : 60_000);
    return drawn;
  }

  #chance(name: string): number {
    const digest = sha256(new TextEncoder().encode(`${this.#seed}/${this.#asked}/${name}`));
    return new DataView(digest.buffer, digest.byteOffset).getUint32(0) / 2 ** 32;
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

function auc(market: Market): number {
  const mean = (name: string) => reputationMean(market.urn.reputation(name));
  const pairs = Object.keys(GOOD).flatMap((good) => Object.keys(BAD).map((bad) => mean(good) - mean(bad)));
  return pairs.reduce((sum, difference) => sum + (difference > 0 ? 1 : difference === 0 ? 0.5 : 0), 0) / pairs.length;
}

test('reputation tells good from bad after 30 queries of two respondents', () => {
  const seeds = Array.from({ length: 24 }, (_, index) => index);
  const each = seeds.map((seed) => {
    const market = new Market({ ...GOOD, ...BAD }, seed);
    for (let asked = 0; asked < 30; asked++) market.ask();
    return auc(market);
  });
  const mean = each.reduce((sum, one) => sum + one, 0) / each.length;
  assert.ok(mean >= 0.95, `${mean}: ${each.join()}`);
});

test('an expert that turns bad has less than half an equal share within 40 queries', () => {
  const queries = SEEDS.map((seed) => {
    const market = new Market({ ...GOOD, ...BAD }, seed);
    for (let asked = 0; asked < SETTLED; asked++) market.ask();
    const [first] = [...market.urn.shares(TERMS)].toSorted(([, a], [, b]) => b - a)[0]!;
    market.skill[first] = 0;
    for (let asked = 1; asked <= 120; asked++) {
      market.ask();
      if (market.urn.shares(TERMS).get(first)! < 0.05) return asked;
    }
    return 120;
  });
  assert.ok(Math.max(...queries) <= 40, queries.join());
});

test('a good newcomer gets at least half of an equal share among the good within 60 queries', () => {
  const shares = SEEDS.map((seed) => {
    const { g1: skill, ...others } = { ...GOOD, ...BAD };
    const market = new Market(others, seed);
    for (let asked = 0; asked < SETTLED; asked++) market.ask();
    market.urn.add({ name: 'newcomer' });
    market.skill['newcomer'] = skill;
    let chosen = 0;
    for (let asked = 0; asked < 60; asked++) chosen += Number(market.ask().includes('newcomer'));
    return chosen / ((60 * TERMS.respondents) / Object.keys(GOOD).length);
  });
  assert.ok(median(shares) >= 0.5, shares.join());
});

test('once they are known, the bad are hardly drawn at all', () => {
  const shares = SEEDS.map((seed) => {
    const market = new Market({ ...GOOD, ...BAD }, seed);
    for (let asked = 0; asked < SETTLED; asked++) market.ask();
    return Object.keys(BAD).reduce((sum, name) => sum + market.urn.shares(TERMS).get(name)!, 0);
  });
  assert.ok(median(shares) <= 0.01, shares.join());
});
