/**
 * An explanation of rewards as people read it (spec: rewards §7): each formula with its numbers. Owns the text only.
 */
import { formatSyn } from '../amount-text.ts';
import { PPM } from '../types/index.ts';
import type { BondLine, ExpertExplanation, OpinionLine, RewardExplanation, ScorerExplanation } from './explain.ts';
import type { RewardSettings } from './types.ts';

const ppbDigits = 9;

/** Lines of text; fractions are exact, with nine digits. */
export function renderReward(explanation: RewardExplanation): string {
  const { epoch, address, emission, settings, asExpert, asScorer } = explanation;
  const lines = [`Epoch ${epoch}, ${address}: at most ${formatSyn(emission)} to issue`];
  if (asExpert === null && asScorer === null) lines.push('No part in this epoch: neither answered nor scored.');
  if (asExpert !== null) lines.push(...renderExpert(asExpert, settings));
  if (asScorer !== null) lines.push(...renderScorer(asScorer, settings));
  return lines.join('\n');
}

function renderExpert(expert: ExpertExplanation, settings: RewardSettings): string[] {
  const supported = `more than ${percent(settings.kappa)} of power ${expert.power} supports it`;
  return [
    '',
    `As an expert: paid ${formatSyn(expert.payment)}`,
    '  weight = bond × Σ scores / (answers + prior), over the scorer’s whole row',
    `  bond ${formatSyn(expert.collateral)}, prior ${settings.priorAnswers}`,
    ...expert.opinions.map(renderOpinion),
    `  consensus ${fraction(expert.consensus)}: the greatest weight such that ${supported}`,
    `  rank = Σ power × min(weight, consensus) = ${expert.rank}`,
    `  incentive = rank / Σ ranks = ${expert.rank} / ${expert.rankSum} = ${fraction(expert.incentive)}`,
    ...(expert.cap === null
      ? []
      : [`  cap = rewardRatio × what its answers paid to scorers in other hands = ${formatSyn(expert.cap)}`]),
    `  payment = ⌊${formatSyn(expert.pot)} × rank / Σ ranks⌋${expert.cap === null ? '' : ', at most the cap,'} = ${formatSyn(expert.payment)}`,
  ];
}

function renderOpinion({ scorer, power, sum, count, weight, clipped }: OpinionLine): string {
  const scores = `scores ${sum} ppm over ${count} answers`;
  return `  ${scorer}: power ${power}, ${scores}, weight ${fraction(weight)}, clipped ${fraction(clipped)}`;
}

function renderScorer(scorer: ScorerExplanation, settings: RewardSettings): string[] {
  return [
    '',
    `As a scorer: paid ${formatSyn(scorer.payment)}`,
    `  power = stake × accuracy × attendance = ${scorer.stake} × ${scorer.accuracy} × ${scorer.attendance} / 10⁶ = ${scorer.power}`,
    ...(scorer.active ? [] : ['  no weights in this epoch, so no dividend']),
    `  target = weight − ${percent(settings.bondsPenalty)} of what is above the consensus, at least 0`,
    '  bond = (1 − α) × bond before + α × target',
    `  part = incentive × power × bond × 10⁹ / Σ ${settings.columnShare === 'bonds' ? 'bonds' : 'power × bond'} of the expert`,
    ...scorer.bonds.map(renderBond),
    `  dividend = Σ parts / Σ of all scorers = ${scorer.dividend} / ${scorer.dividendSum}`,
    `  payment = ⌊${formatSyn(scorer.pot)} × dividend⌋ = ${formatSyn(scorer.payment)}`,
  ];
}

function renderBond(line: BondLine): string {
  const { weight, consensus, target, alpha, bondBefore, bond, incentive, over, part } = line;
  const follows = `weight ${fraction(weight)}, consensus ${fraction(consensus)}, target ${fraction(target)}`;
  const moves = `α ${fraction(alpha)}, bond ${fraction(bondBefore)} → ${fraction(bond)}`;
  return `  ${line.expert}: ${follows}; ${moves}; incentive ${fraction(incentive)}, over ${over}, part ${part}`;
}

/** Billionths as a decimal: 500000000 → 0.500000000. */
function fraction(ppb: number): string {
  const digits = String(ppb).padStart(ppbDigits + 1, '0');
  return `${digits.slice(0, -ppbDigits)}.${digits.slice(-ppbDigits)}`;
}

/** Millionths in percent, without trailing zeros: 1250000 → 125 %. */
function percent(ppm: number): string {
  const perCent = PPM / 100;
  const rest = String(ppm % perCent)
    .padStart(4, '0')
    .replace(/0+$/, '');
  return `${(ppm - (ppm % perCent)) / perCent}${rest === '' ? '' : `.${rest}`} %`;
}
