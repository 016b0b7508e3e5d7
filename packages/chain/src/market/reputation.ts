/**
 * The Beta reputation of an expert in a domain (spec: market §8): observation with forgetting, fading while idle, mean and
 * uncertainty. Owns its arithmetic, in millionths; who observes what is outcomes.ts.
 */
import { readExpert, readParams, readReputation } from '../state/records.ts';
import type { StateView } from '../state/view.ts';
import {
  type Address,
  type ChainParams,
  type Height,
  type MarketParams,
  PPM,
  type Ppm,
  type Reputation,
} from '../types/index.ts';
import { powerOf, squareRoot } from './whole-numbers.ts';

const WHOLE = BigInt(PPM);
/** A fading factor has twelve digits while it is raised to a power. */
const FINE = 1_000_000_000_000n;

/** Everything that makes up a standing, in numbers and in words. */
export type ReputationExplanation = {
  /** As stored after the last observation. */
  readonly stored: Reputation;
  /** Full idle spells since then, and what of the distance to the prior they left. */
  readonly idleSpells: number;
  readonly remains: Ppm;
  /** As it counts at the height asked for. */
  readonly now: Reputation;
  readonly mean: Ppm;
  /** Standard deviation of the Beta distribution. */
  readonly deviation: Ppm;
  readonly formula: string;
};

/** Fades to this height first; then α ← ⌊γα⌋ + y, β ← ⌊γβ⌋ + (1 − y). `score` is y. */
export function updateReputation(before: Reputation, score: Ppm, height: Height, params: ChainParams): Reputation {
  const faded = fadeReputation(before, height, params.market);
  return {
    alpha: forget(faded.alpha, params.reputationForgetting) + score,
    beta: forget(faded.beta, params.reputationForgetting) + (PPM - score),
    answers: before.answers + 1,
    updatedAt: height,
  };
}

/** The reputation as it counts at this height: every full idle spell takes α and β nearer to the prior (1, 1). */
export function fadeReputation(stored: Reputation, height: Height, market: MarketParams): Reputation {
  const spells = idleSpells(stored, height, market);
  if (spells === 0) return stored;
  const factor = idleFactor(spells, market);
  return { ...stored, alpha: fade(stored.alpha, factor), beta: fade(stored.beta, factor) };
}

/** α / (α + β), rounded down, in ppm. */
export function reputationMean({ alpha, beta }: Pick<Reputation, 'alpha' | 'beta'>): Ppm {
  const total = BigInt(alpha) + BigInt(beta);
  return total === 0n ? 0 : Number((BigInt(alpha) * WHOLE) / total);
}

/** √(αβ / ((α + β)² (α + β + 1))), rounded down, in ppm: how little is known. */
export function reputationDeviation({ alpha, beta }: Pick<Reputation, 'alpha' | 'beta'>): Ppm {
  const total = BigInt(alpha) + BigInt(beta);
  if (total === 0n) return 0;
  const variance = (BigInt(alpha) * BigInt(beta) * WHOLE ** 3n) / (total * total * (total + WHOLE));
  return Number(squareRoot(variance));
}

/** The standing of an expert in a domain at a height; null where no such expert is registered. */
export function explainReputation(
  view: StateView,
  expert: Address,
  domain: string,
  height: Height,
): ReputationExplanation | null {
  if (readExpert(view, expert) === null) return null;
  const params = readParams(view);
  const stored = readReputation(view, expert, domain);
  const now = fadeReputation(stored, height, params.market);
  const spells = idleSpells(stored, height, params.market);
  const remains = Number(idleFactor(spells, params.market) / (FINE / WHOLE));
  const [mean, deviation] = [reputationMean(now), reputationDeviation(now)];
  const formula = formulaOf({ stored, now, mean, deviation, spells, params });
  return { stored, idleSpells: spells, remains, now, mean, deviation, formula };
}

function formulaOf(given: {
  readonly stored: Reputation;
  readonly now: Reputation;
  readonly mean: Ppm;
  readonly deviation: Ppm;
  readonly spells: number;
  readonly params: ChainParams;
}): string {
  const { stored, now, params } = given;
  const [alpha, beta] = [decimal(now.alpha), decimal(now.beta)];
  return [
    `an answer with score y makes α ← ${decimal(params.reputationForgetting)} α + y, β ← ${decimal(params.reputationForgetting)} β + (1 − y)`,
    `stored at ${stored.updatedAt} after ${stored.answers} answers: α = ${decimal(stored.alpha)}, β = ${decimal(stored.beta)}`,
    `idle for ${given.spells} × ${params.market.idleHeights} heights: α = 1 + ${decimal(params.market.idleForgetting)}^${given.spells} (${decimal(stored.alpha)} − 1) = ${alpha}, β likewise = ${beta}`,
    `mean = α / (α + β) = ${alpha} / (${alpha} + ${beta}) = ${decimal(given.mean)}`,
    `deviation = √(αβ / ((α + β)² (α + β + 1))) = ${decimal(given.deviation)}`,
  ].join('\n');
}

/** Millionths as a decimal number with six digits. */
function decimal(ppm: number): string {
  return `${Math.floor(ppm / PPM)}.${String(ppm % PPM).padStart(6, '0')}`;
}

function idleSpells({ answers, updatedAt }: Reputation, height: Height, { idleHeights }: MarketParams): number {
  return answers === 0 || height <= updatedAt ? 0 : Math.floor((height - updatedAt) / idleHeights);
}

function idleFactor(spells: number, { idleForgetting }: MarketParams): bigint {
  return powerOf((BigInt(idleForgetting) * FINE) / WHOLE, spells, FINE);
}

/** What is left of the distance to the prior is rounded towards it. */
function fade(value: number, factor: bigint): number {
  return PPM + Number((BigInt(value - PPM) * factor) / FINE);
}

function forget(value: number, forgetting: Ppm): number {
  return Number((BigInt(value) * BigInt(forgetting)) / WHOLE);
}
