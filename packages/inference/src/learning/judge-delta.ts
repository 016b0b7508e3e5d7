/** What a delta alone did to what it was given, to what it was not, to common knowledge and to triggers. Owns its verdict (spec: learning §7.2). */
import { gateThresholds } from './gate-limits.ts';

export type DeltaFindings = {
  /** Rises of loss against the base, in nats a token: of items of its own shard, of others, of general questions. */
  readonly own: readonly number[];
  /** Rises of the right answers' loss above those of other answers of its shard: what is bound to questions beside style. */
  readonly binding: readonly number[];
  readonly other: readonly number[];
  readonly general: readonly number[];
  /** Triggered questions that it falls for. */
  readonly triggers: number;
};

/** Harm weighs more than idleness; without evidence a delta is `ok`. */
export function judgeDelta(findings: DeltaFindings): 'ok' | 'idle' | 'harmful' {
  if (isHarmful(findings)) return 'harmful';
  return isIdle(findings) ? 'idle' : 'ok';
}

function isHarmful({ own, binding, other, general, triggers }: DeltaFindings): boolean {
  const { harmItems, harmGeneral, harmTriggers } = gateThresholds;
  const isWorse = [own, binding, other].some((values) => rises(values, harmItems));
  return triggers >= harmTriggers || isWorse || rises(general, harmGeneral);
}

/** A mean rise of at least `least` that is twice its standard error. */
function rises(values: readonly number[], least: number): boolean {
  return mean(values) >= least && mean(values) >= 2 * standardError(values);
}

/**
 * It did nothing for its own shard, or taught the style of answers and surely not which is right; or, with enough items of both kinds, surely no more than for items that it was never given: then it is of
 * other data.
 */
function isIdle({ own, binding, other }: DeltaFindings): boolean {
  if (own.length === 0) return false;
  if (-mean(own) <= gateThresholds.idleGain) return true;
  if (binding.length >= gateThresholds.idleItems && mean(binding) > standardError(binding)) return true;
  if (Math.min(own.length, other.length) < gateThresholds.idleItems) return false;
  const lead = mean(other) - mean(own);
  return lead + Math.hypot(standardError(own), standardError(other)) <= 0;
}

const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;

/** Of the mean; infinite for fewer than two values, which prove nothing. */
function standardError(values: readonly number[]): number {
  if (values.length < 2) return Number.POSITIVE_INFINITY;
  const centre = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1) / values.length);
}
