/**
 * A domain's versions (spec: learning §9, §11): made by rounds, tried as canaries, adopted or taken back by scores and votes. Owns which
 * version answers what; where candidates come from is close-round.ts, what contributors earn lineage.ts.
 */
import { taggedHash } from '../codec/index.ts';
import { fromHex } from '../crypto/hex.ts';
import { drawBelow } from '../crypto/index.ts';
import type { LearntPassages } from '../market/answer-check.ts';
import { readParams } from '../state/records.ts';
import type { StateView } from '../state/view.ts';
import {
  type Address,
  type GateMeasures,
  type GenesisLine,
  type Hash,
  type LearningParams,
  type ModelVersion,
  PPM,
  ZERO_HASH,
} from '../types/index.ts';
import { isLearning, readLearntPeaks, readLine, readVersion } from './learning-records.ts';
import { EMPTY_LEARNT, type LearntTree, learntRoot } from './learnt-tree.ts';

/** In thousandths of a nat: a first version less biased than this counts as this, for below it ratios are noise. */
const BIAS_LEAST = 10;

/** Of the canary's share, the part that a stable version's predecessor keeps while it is watched. */
const CONTROL_PART = 8;

const NOTHING_MEASURED: GateMeasures = {
  feedbackBefore: 0,
  feedbackAfter: 0,
  generalBefore: 0,
  generalAfter: 0,
  trigger: 0,
  injection: 0,
  spectral: 0,
  biasBefore: 0,
  biasAfter: 0,
};

/** What the experts of a domain were registered with, with its factors where genesis brought some. */
export function firstVersion({ domain, factors, adapter }: GenesisLine): ModelVersion {
  return {
    domain,
    number: 0,
    parent: 0,
    round: ZERO_HASH,
    rule: null,
    state: 'stable',
    reason: 'GENESIS',
    decidedAt: 0,
    factors,
    adapter,
    learntRoot: learntRoot(EMPTY_LEARNT),
    learntSize: 0,
    learnt: [],
    items: [],
    contributions: [],
    measures: NOTHING_MEASURED,
    reports: 0,
  };
}

/** A version of a domain; version 0 of every domain, without factors (`ZERO_HASH`) where genesis brought none. Null for unknown ones. */
export function versionOf(view: StateView, domain: string, number: number): ModelVersion | null {
  const version = readVersion(view, domain, number);
  if (version !== null || number !== 0) return version;
  return firstVersion({ domain, factors: ZERO_HASH, adapter: ZERO_HASH });
}

/** Root and size of the passages that a version has learnt; nothing for an unknown one. */
export function learntOf(view: StateView, domain: string, number: number): LearntPassages {
  const version = readVersion(view, domain, number);
  return version === null
    ? { root: learntRoot(EMPTY_LEARNT), size: 0 }
    : { root: version.learntRoot, size: version.learntSize };
}

/** What is needed to append to a version's learnt passages. */
export function learntTreeOf(view: StateView, { domain, number, learntSize }: ModelVersion): LearntTree {
  return { size: learntSize, peaks: readLearntPeaks(view, domain, number) };
}

/**
 * The version that an expert answers a query with, which is selected with this seed: 0 for one that declines; the canary for the part
 * of queries that the seed draws, all respondents alike; the version before the stable one for a small part while that is watched;
 * else the stable one.
 */
export function versionFor(view: StateView, domain: string, seed: Hash, queryId: Hash, expert: Address): number {
  const line = readLine(view, domain);
  if (line === null || !isLearning(view, expert)) return 0;
  const { canary, control, stable } = line;
  if (canary === null && control === null) return stable;
  const own = taggedHash('synod/canary/1', fromHex(seed), fromHex(queryId));
  const { canaryShare } = readParams(view).learning;
  const drawn = Number(drawBelow(own, 0, BigInt(PPM)));
  if (canary !== null && drawn < canaryShare) return canary.version;
  return control !== null && drawn >= PPM - Math.floor(canaryShare / CONTROL_PART) ? control : stable;
}

/** From this bias on a candidate is refused and an alarm given: the first recorded version's, times the alarm's factor (learning §11). */
export function biasMark(
  view: StateView,
  domain: string,
  measured: Pick<GateMeasures, 'biasBefore'>,
  params: LearningParams,
): number {
  const first = readVersion(view, domain, 1)?.measures.biasBefore ?? measured.biasBefore;
  return Math.ceil((Math.max(BIAS_LEAST, first) * params.biasAlarm) / PPM);
}
