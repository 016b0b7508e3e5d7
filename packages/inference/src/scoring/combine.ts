/**
 * One number out of what a judge measured. Owns the formula and its three constants. They were set by reasoning and
 * checked on bench/scores/tuning.json, never on bench/scores/questions.json.
 */

export type Evidence = {
  /** Mean log-probability of the answer's tokens after the question, nats. */
  readonly meanLogProbability: number;
  /** Cosine of question and answer. */
  readonly relevance: number;
  /** Cosine of the judge's own answer and the answer. */
  readonly agreement: number;
  /** Share of the answer's key terms that the judge's own answer has too. */
  readonly support: number;
};

/** Mean nats a token at which likelihood counts 1/e. Fluent right answers lie near −1, word salad near −9 (MODELS.md). */
const LIKELIHOOD_SCALE_NATS = 2;
/** Cosine from which an answer is fully on topic. Paraphrases and right answers lie above 0.6, unrelated texts under 0.25. */
const ON_TOPIC_COSINE = 0.5;
/** Share of likelihood against agreement with the judge's own answer: neither can judge alone. */
const LIKELIHOOD_SHARE = 0.5;

/** Quality in parts per million: topic × (likelihood and agreement, averaged). */
export function combine({ meanLogProbability, relevance, agreement, support }: Evidence): number {
  const likelihood = Math.exp(Math.min(0, meanLogProbability) / LIKELIHOOD_SCALE_NATS);
  const onTopic = unit(relevance / ON_TOPIC_COSINE);
  const own = (unit(agreement) + unit(support)) / 2;
  return Math.round(1_000_000 * onTopic * (LIKELIHOOD_SHARE * likelihood + (1 - LIKELIHOOD_SHARE) * own));
}

const unit = (value: number): number => Math.min(1, Math.max(0, value));
