/**
 * `reward_explain` as formulas with their numbers (spec: rewards §2–§5): what is said in symbols, the same with numbers, and what comes out. Every
 * result that the numbers determine is reckoned again here, in whole numbers, and compared with what the node says. Owns words and checks.
 */

import type { RewardExplanation } from '../../api/rpc-types.ts';
import { exactSyn } from '../../format/exact.ts';
import { formatCount } from '../../format/numbers.ts';
import { percentText, ppbText, ppmOf } from '../../format/ratios.ts';

export type FormulaStep = {
  readonly name: string;
  /** In symbols. */
  readonly formula: string;
  /** The same with the numbers put in. */
  readonly filled: string;
  readonly result: string;
  /** True: reckoned again here, and equal. False: it is not. Null: the numbers given do not determine it. */
  readonly isRight: boolean | null;
};

export type FormulaPart = {
  readonly title: string;
  readonly steps: readonly FormulaStep[];
  /** What went in, line by line: opinions of scorers, or bonds to experts. */
  readonly inputs: InputTable;
};

export type InputTable = {
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: readonly { readonly address: string; readonly cells: readonly string[] }[];
};

type ExpertPart = NonNullable<RewardExplanation['asExpert']>;
type ScorerPart = NonNullable<RewardExplanation['asScorer']>;
type Settings = RewardExplanation['settings'];

const PPM = 1_000_000n;
const PPB = 1_000_000_000n;

/** One part for each role that the account had in the epoch; none where it had none. */
export function formulaParts({ asExpert, asScorer, settings, emission }: RewardExplanation): readonly FormulaPart[] {
  return [
    ...(asExpert === null ? [] : [expertPart(asExpert, settings, emission)]),
    ...(asScorer === null ? [] : [scorerPart(asScorer, settings, emission)]),
  ];
}

function expertPart(expert: ExpertPart, settings: Settings, emission: string): FormulaPart {
  const [rank, rankSum, pot] = [BigInt(expert.rank), BigInt(expert.rankSum), BigInt(expert.pot)];
  const summed = expert.opinions.reduce((sum, { power, clipped }) => sum + BigInt(power) * BigInt(clipped), 0n);
  const share = rankSum === 0n ? 0n : (pot * rank) / rankSum;
  const paid = BigInt(expert.payment);
  return {
    title: 'As an expert',
    inputs: {
      caption: `What scorers thought of its answers: weight = bond × Σ scores ÷ (answers + ${settings.priorAnswers}), over the scorer's whole row`,
      head: ['Scorer', 'Power', 'Mean score', 'Answers', 'Weight', 'Clipped'],
      rows: expert.opinions.map(({ scorer, power, sum, count, weight, clipped }) => ({
        address: scorer,
        cells: [formatCount(power), meanScore(sum, count), formatCount(count), ppbText(weight), ppbText(clipped)],
      })),
    },
    steps: [
      potStep("Experts' pot", 'emission × experts’ share', { emission, share: settings.expertsShare, pot }),
      {
        name: 'Consensus',
        formula: 'the greatest weight that more than κ of the power supports',
        filled: `κ = ${percentText(settings.kappa)} of power ${formatCount(expert.power)}`,
        result: ppbText(expert.consensus),
        isRight: expert.opinions.every(({ weight, clipped }) => clipped === Math.min(weight, expert.consensus)) && null,
      },
      {
        name: 'Rank',
        formula: 'Σ power × min(weight, consensus)',
        filled:
          expert.opinions.length === 0
            ? 'no scorer gave it a weight'
            : expert.opinions.map(({ power, clipped }) => `${formatCount(power)} × ${ppbText(clipped)}`).join(' + '),
        result: rankText(rank),
        isRight: summed === rank,
      },
      {
        name: 'Incentive',
        formula: 'rank ÷ Σ ranks of all experts',
        filled: `${rankText(rank)} ÷ ${rankText(rankSum)}`,
        result: ppbText(expert.incentive),
        isRight: (rankSum === 0n ? 0n : (PPB * rank) / rankSum) === BigInt(expert.incentive),
      },
      paymentStep(expert, { pot, share, paid }),
    ],
  };
}

function paymentStep(
  expert: ExpertPart,
  { pot, share, paid }: { readonly pot: bigint; readonly share: bigint; readonly paid: bigint },
): FormulaStep {
  const isCapped = paid < share;
  const filled = `${exactSyn(pot)} × ${ppbText(expert.incentive)} = ${exactSyn(share)}`;
  return {
    name: 'Payment',
    formula: isCapped ? 'pot × incentive, at most the cap' : 'pot × incentive, rounded down',
    filled: isCapped
      ? `${filled}; above its cap, which is a part of what its answers paid to scorers in other hands`
      : filled,
    result: exactSyn(paid),
    isRight: isCapped ? null : paid === share,
  };
}

function scorerPart(scorer: ScorerPart, settings: Settings, emission: string): FormulaPart {
  const [accuracy, attendance] = [BigInt(ppmOf(scorer.accuracy)), BigInt(ppmOf(scorer.attendance))];
  const [dividend, dividendSum, pot] = [BigInt(scorer.dividend), BigInt(scorer.dividendSum), BigInt(scorer.pot)];
  const parts = scorer.bonds.reduce((sum, { part }) => sum + BigInt(part), 0n);
  const paid = BigInt(scorer.payment);
  return {
    title: 'As a scorer',
    inputs: {
      caption:
        'Its bonds to experts: bond = (1 − α) × bond before + α × target; part = incentive × power × bond ÷ Σ power × bond of all scorers',
      head: ['Expert', 'Weight', 'Consensus', 'Target', 'α', 'Bond before', 'Bond', 'Incentive', 'Part'],
      rows: scorer.bonds.map((line) => ({
        address: line.expert,
        cells: [
          line.weight,
          line.consensus,
          line.target,
          line.alpha,
          line.bondBefore,
          line.bond,
          line.incentive,
          line.part,
        ].map(ppbText),
      })),
    },
    steps: [
      potStep("Scorers' pot", 'emission × (1 − experts’ share)', { emission, share: rest(settings.expertsShare), pot }),
      {
        name: 'Power',
        formula: 'stake × accuracy × attendance',
        filled: `${formatCount(scorer.stake)} × ${scorer.accuracy} × ${scorer.attendance}`,
        result: formatCount(BigInt(scorer.power) / PPM),
        isRight: (BigInt(scorer.stake) * accuracy * attendance) / PPM === BigInt(scorer.power),
      },
      {
        name: 'Dividend',
        formula: 'Σ parts ÷ Σ of all scorers',
        filled: scorer.active
          ? `${ppbText(parts)} ÷ ${ppbText(dividendSum)}`
          : 'no weights in this epoch, so no dividend',
        result: ppbText(dividendSum === 0n ? 0n : (PPB * dividend) / dividendSum),
        isRight: parts === dividend,
      },
      {
        name: 'Payment',
        formula: 'pot × dividend, rounded down',
        filled: `${exactSyn(pot)} × ${ppbText(dividendSum === 0n ? 0n : (PPB * dividend) / dividendSum)}`,
        result: exactSyn(paid),
        isRight: (dividendSum === 0n ? 0n : (pot * dividend) / dividendSum) === paid,
      },
    ],
  };
}

function potStep(
  name: string,
  formula: string,
  { emission, share, pot }: { readonly emission: string; readonly share: string; readonly pot: bigint },
): FormulaStep {
  return {
    name,
    formula,
    filled: `${exactSyn(emission)} × ${percentText(share)}`,
    result: exactSyn(pot),
    isRight: (BigInt(emission) * BigInt(ppmOf(share))) / PPM === pot,
  };
}

/** 1 less a ratio, in its six digits. */
function rest(ratio: string): string {
  const ppm = 1_000_000 - ppmOf(ratio);
  return `${Math.floor(ppm / 1_000_000)}.${String(ppm % 1_000_000).padStart(6, '0')}`;
}

/** Ranks are power × billionths: shown in units of power. */
function rankText(rank: bigint): string {
  const fraction = (rank % PPB).toString().padStart(9, '0').slice(0, 3).replace(/0+$/, '');
  return `${formatCount(rank / PPB)}${fraction === '' ? '' : `.${fraction}`}`;
}

function meanScore(sum: string, count: number): string {
  if (count === 0) return '–';
  const milli = (BigInt(sum) / BigInt(count) + 500n) / 1_000n;
  return `${milli / 1_000n}.${(milli % 1_000n).toString().padStart(3, '0')}`;
}
