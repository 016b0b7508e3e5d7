/**
 * What becomes of a version once it answers (spec: learning §9.1, §9.3, §9.4): its scores beside the stable one's, adoption, and taking it
 * back by scores or by vote. Owns a line's `stable` and `canary`.
 */
import type { EmitEvent } from '../state/events.ts';
import { readValidatorRecord } from '../state/records.ts';
import type { Overlay } from '../state/view.ts';
import type {
  Address,
  CanaryState,
  ChainParams,
  Height,
  LearningLine,
  ModelRollback,
  ModelVersion,
  Ppm,
  ReceiptRespondent,
  ScoreSum,
  VersionState,
} from '../types/index.ts';
import { abandonRound } from './close-round.ts';
import { listLines, NO_SCORES, readLine, readRound, readVersion, writeLine, writeVersion } from './learning-records.ts';
import { isBehind, plusScore } from './score-sums.ts';

type Context = { readonly height: Height; readonly params: ChainParams; readonly emit: EmitEvent };

/** What a receipt says of its answers. */
type Scored = {
  readonly domain: string;
  readonly respondents: readonly Pick<ReceiptRespondent, 'version' | 'score'>[];
};

/** A stable version is watched until it has this many times the answers that decide a canary. */
const WATCHED = 16;

/** Takes in what a settled query's answers scored. */
export function countScores(overlay: Overlay, { domain, respondents }: Scored): void {
  let line = readLine(overlay, domain);
  if (line === null) return;
  for (const { version, score } of respondents) if (score !== null) line = withScore(line, version, score);
  writeLine(overlay, line);
}

function withScore(line: LearningLine, version: number, score: Ppm): LearningLine {
  const { canary, live, stable, control, baseline } = line;
  const plus = (before: ScoreSum) => plusScore(before, score);
  if (version === canary?.version) return { ...line, canary: { ...canary, scores: plus(canary.scores) } };
  if (version === control) return { ...line, baseline: plus(baseline) };
  if (version !== stable) return line;
  return { ...line, live: plus(live), canary: canary && { ...canary, beside: plus(canary.beside) } };
}

/** Lets a version that a round has made answer its share of the queries from the next block on. */
export function startCanary(overlay: Overlay, version: ModelVersion, { height }: Pick<Context, 'height'>): void {
  const line = readLine(overlay, version.domain)!;
  const canary: CanaryState = { version: version.number, since: height, scores: NO_SCORES, beside: NO_SCORES };
  writeLine(overlay, { ...line, canary, rollbackVotes: [] });
}

/** At the end of a block: adopts canaries or takes them back, and takes back stable versions that fall behind. */
export function judgeVersions(overlay: Overlay, context: Context): void {
  for (const domain of listLines(overlay)) {
    judgeStable(overlay, readLine(overlay, domain)!, context);
    judgeCanary(overlay, readLine(overlay, domain)!, context);
  }
}

function judgeCanary(overlay: Overlay, line: LearningLine, context: Context): void {
  const { canary } = line;
  const { canaryAnswers, canaryHeights, scoreTolerance } = context.params.learning;
  if (canary === null) return;
  if (canary.scores.count < canaryAnswers && context.height < canary.since + canaryHeights) return;
  if (isBehind(canary.scores, canary.beside, scoreTolerance)) dropCanary(overlay, line, 'SCORES', context);
  else adopt(overlay, line, canary, context);
}

/** The same rule, from `canaryAnswers` answers on, until it has shown enough. */
function judgeStable(overlay: Overlay, line: LearningLine, context: Context): void {
  const { live, baseline, control } = line;
  const { canaryAnswers, scoreTolerance } = context.params.learning;
  if (control === null || live.count < canaryAnswers) return;
  if (isBehind(live, baseline, scoreTolerance)) takeBackStable(overlay, line, 'SCORES', context);
  else if (live.count >= WATCHED * canaryAnswers) writeLine(overlay, { ...line, control: null, baseline: NO_SCORES });
}

/** Both answered over the same time: who asks what cannot move one without the other. */
function adopt(overlay: Overlay, line: LearningLine, { version }: CanaryState, context: Context): void {
  const { domain, stable } = line;
  mark(overlay, domain, stable, { state: 'superseded', reason: 'OK' }, context);
  mark(overlay, domain, version, { state: 'stable', reason: 'OK' }, context);
  const scores = { live: NO_SCORES, baseline: NO_SCORES };
  writeLine(overlay, { ...line, stable: version, control: stable, canary: null, ...scores, rollbackVotes: [] });
}

function dropCanary(overlay: Overlay, line: LearningLine, reason: string, context: Context): void {
  mark(overlay, line.domain, line.canary!.version, { state: 'rolledBack', reason }, context);
  writeLine(overlay, { ...line, canary: null, rollbackVotes: [] });
}

/** Back to the parent; what was built on the version, a canary or a round under way, goes with it. */
function takeBackStable(overlay: Overlay, line: LearningLine, reason: string, context: Context): void {
  const { domain, stable } = line;
  const { parent } = readVersion(overlay, domain, stable)!;
  if (line.canary !== null) dropCanary(overlay, line, 'PARENT', context);
  mark(overlay, domain, stable, { state: 'rolledBack', reason }, context);
  mark(overlay, domain, parent, { state: 'stable', reason: 'RESTORED' }, context);
  const scores = { live: NO_SCORES, baseline: NO_SCORES };
  writeLine(overlay, { ...line, stable: parent, control: null, canary: null, ...scores, rollbackVotes: [] });
  const round = readRound(overlay, domain);
  if (round !== null) abandonRound(overlay, round, 'BASE', context.emit);
}

/** Version 0 has a record only where genesis brought factors. */
function mark(
  overlay: Overlay,
  domain: string,
  number: number,
  { state, reason }: { readonly state: VersionState; readonly reason: string },
  { emit }: Pick<Context, 'emit'>,
): void {
  const version = readVersion(overlay, domain, number);
  // The gate's reason stays with a version that is adopted or replaced.
  const isTakenBack = state === 'rolledBack';
  if (version !== null) writeVersion(overlay, { ...version, state, reason: isTakenBack ? reason : version.reason });
  emit({ type: 'version.changed', domain, version: number, state, reason });
}

/**
 * A validator's vote to take back the canary, or where there is none the stable version: done as soon as those who voted have more than
 * half of the set's power. Returns `OK` or a stable code.
 */
export function applyRollback(
  overlay: Overlay,
  { domain, version }: ModelRollback,
  context: Context & { readonly sender: Address },
): string {
  const line = readLine(overlay, domain);
  if (line === null) return 'DOMAIN_UNKNOWN';
  const live = line.canary?.version ?? line.stable;
  if (live === 0 || live !== version) return 'VERSION_NOT_LIVE';
  const { validators } = readValidatorRecord(overlay);
  if (!validators.some(({ operator }) => operator === context.sender)) return 'NOT_VALIDATOR';
  if (line.rollbackVotes.includes(context.sender)) return 'ALREADY_VOTED';
  const rollbackVotes = [...line.rollbackVotes, context.sender].sort();
  const total = validators.reduce((sum, { power }) => sum + power, 0n);
  const voted = validators.reduce(
    (sum, { operator, power }) => (rollbackVotes.includes(operator) ? sum + power : sum),
    0n,
  );
  if (2n * voted <= total) writeLine(overlay, { ...line, rollbackVotes });
  else if (line.canary !== null) dropCanary(overlay, line, 'VOTED', context);
  else takeBackStable(overlay, line, 'VOTED', context);
  return 'OK';
}
