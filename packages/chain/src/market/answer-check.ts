/**
 * What an answer must look like (DESIGN §3.4, spec: market §5): bounds, log-probabilities, proofs of quotes.
 * Owns checks of the answer itself; whose it is and when it counts is answers.ts.
 */
import { answerText, encodeAnswer, passageLeaf } from '../codec/index.ts';
import { CHAIN_LIMITS } from '../limits.ts';
import { verifyInclusion } from '../merkle/index.ts';
import type {
  Answer,
  ChainParams,
  ExpertProfile,
  GeneratedSegment,
  Hash,
  QuoteSegment,
  Segment,
} from '../types/index.ts';

/** Whose answer it is, and what the version that it answers with has learnt (`learntOf`). */
export type Answering = { readonly profile: ExpertProfile; readonly learnt: LearntPassages };

export type LearntPassages = { readonly root: Hash; readonly size: number };

/** A stable code of what is wrong with the answer as one of this expert's, or null. */
export function answerProblem(answer: Answer, answering: Answering, params: ChainParams): string | null {
  if (answer.segments.length > CHAIN_LIMITS.segmentsMax) return 'ANSWER_TOO_LARGE';
  if (!answer.segments.every(isSegmentBounded)) return 'ANSWER_TOO_LARGE';
  if (encodeAnswer(answer).length > params.answerBytesMax) return 'ANSWER_TOO_LARGE';
  if (answer.segments.some(({ kind }) => kind === 'sealed')) return 'ANSWER_SEALED';
  if (answerText(answer) === '') return 'ANSWER_EMPTY';
  if (answer.modelId !== answering.profile.modelId) return 'ANSWER_MODEL_MISMATCH';
  return answer.segments.reduce<string | null>(
    (problem, segment) => problem ?? segmentProblem(segment, answering),
    null,
  );
}

function isSegmentBounded(segment: Segment): boolean {
  return segment.kind !== 'generated' || segment.tokens.length <= CHAIN_LIMITS.tokensPerSegmentMax;
}

function segmentProblem(segment: Segment, answering: Answering): string | null {
  if (segment.kind === 'generated') return isEvidenced(segment) ? null : 'ANSWER_LOG_PROBABILITIES_MISSING';
  return segment.kind === 'quote' && isQuoted(segment, answering) ? null : 'ANSWER_QUOTE_UNPROVEN';
}

/** Text that a model wrote carries one log-probability for each of its tokens, and has at least one token. */
function isEvidenced(segment: GeneratedSegment): boolean {
  if (segment.tokens.length !== segment.logProbabilities.length) return false;
  return segment.text === '' || segment.tokens.length > 0;
}

/** A quote is byte-equal to the passage at its index: the expert's own ones first, then those of the version (learning §9.2). */
function isQuoted({ text, source, index, proof }: QuoteSegment, { profile, learnt }: Answering): boolean {
  if (text === '') return false;
  const { knowledgeRoot, knowledgeSize } = profile;
  const leaf = passageLeaf({ text, source });
  return index < knowledgeSize
    ? verifyInclusion({ leaf, index, size: knowledgeSize, proof, root: knowledgeRoot })
    : verifyInclusion({ leaf, index: index - knowledgeSize, size: learnt.size, proof, root: learnt.root });
}
