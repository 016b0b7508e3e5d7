/**
 * How hard a prompt looks before anything runs. Owns the definition (judging §7): a weighted sum of four signs, each 0 … 1, of the
 * prompt alone. It orders prompts for pricing; it is no probability.
 */
import { limits } from './limits.ts';

const SHARES = { open: 400_000, length: 200_000, parts: 200_000, uncertainty: 200_000 } as const;

const DEMANDS =
  /\b(?:explain|describe|discuss|compare|contrast|write|rewrite|compose|draft|invent|imagine|summari[sz]e|translate|prove|derive|design|implement|refactor|debug|analy[sz]e|evaluate|argue|plan|outline|recommend|suggest|teach|convince|improve|step by step)\b/gi;
const OPEN_QUESTION =
  /^\W*(?:why|how (?!many\b|much\b|old\b|high\b|tall\b|long\b|far\b|large\b|big\b|deep\b|fast\b|heavy\b|dense\b|often\b))/i;
const QUESTION_MARK = /\?/g;
const LIST_ITEM = /^\s*(?:[-*•]|\d+[.)])\s/gm;

/** Parts per million. `domainProbability`: the router's probability of its own choice, 0 … 1. */
export function difficultyPpm(prompt: string, domainProbability: number): number {
  const demands = prompt.match(DEMANDS)?.length ?? 0;
  const open = demands > 0 ? 1 : OPEN_QUESTION.test(prompt) ? 0.6 : 0;
  const length = unit((prompt.match(/\S+/g)?.length ?? 0) / limits.longPromptWords);
  const asked = prompt.match(QUESTION_MARK)?.length ?? 0;
  const parts = unit(
    (Math.max(1, asked, demands) + (prompt.match(LIST_ITEM)?.length ?? 0) - 1) / (limits.manyParts - 1),
  );
  const uncertainty = 1 - unit(domainProbability);
  return Math.round(
    SHARES.open * open + SHARES.length * length + SHARES.parts * parts + SHARES.uncertainty * uncertainty,
  );
}

const unit = (value: number): number => Math.min(1, Math.max(0, value));
