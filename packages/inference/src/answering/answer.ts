/**
 * An expert's answer to a conversation: quote, refusal, or the model's own words. Owns which of them it is (answering §1); what is
 * retrieved belongs to retrieval, what is written to the engine.
 */
import type { AnswerResult, AnswerSegment, ChatMessage, ExpertSetup } from '../client/protocol.ts';
import type { JobControl } from '../engine/control.ts';
import type { Engine } from '../engine/engine.ts';
import type { Library } from '../knowledge/library.ts';
import { shippedCoefficients } from '../retrieval/rank.ts';

export type AnswerRequest = {
  readonly messages: readonly ChatMessage[];
  readonly expert: ExpertSetup;
  readonly seed: number;
  readonly stop: readonly string[];
};

export type AnswerControl = JobControl & {
  /** Text that is final, in order; its pieces add up to the answer's text. */
  onText(text: string): void;
};

type Tools = { readonly engine: Engine; readonly library: Library };

/** What an expert says when its knowledge does not answer. */
export const REFUSAL = "I don't know: nothing in this expert's knowledge answers that.";

/** Throws KnowledgeError or EngineError; a cancelled answer that the model was writing ends with what there is. */
export async function answer(
  { engine, library }: Tools,
  request: AnswerRequest,
  control: AnswerControl,
): Promise<AnswerResult> {
  const { knowledge: folder } = request.expert;
  if (folder === null) return await writeFreely(engine, request, control);
  const knowledge = await library.open(folder);
  const question = request.messages.findLast(({ role }) => role === 'user')?.content ?? '';
  const { candidates } = await knowledge.retrieve(question, control);
  const best = candidates[0];
  const confidencePpm = Math.round(1_000_000 * (best?.probability ?? 0));
  if (best === undefined || best.probability < shippedCoefficients.threshold) {
    const segment = await refuse(engine, { question, adapter: request.expert.adapter }, control);
    return finished('refused', [segment], confidencePpm, control);
  }
  const { text, source } = best.passage;
  return finished('quote', [{ kind: 'quote', text, source, index: best.index }], confidencePpm, control);
}

function finished(
  grounding: AnswerResult['grounding'],
  segments: readonly AnswerSegment[],
  confidencePpm: number,
  { onText }: AnswerControl,
): AnswerResult {
  for (const { text } of segments) onText(text);
  return { segments, grounding, confidencePpm, promptTokens: 0, finish: 'stop' };
}

async function refuse(
  engine: Engine,
  { question, adapter }: { question: string; adapter: string | null },
  control: JobControl,
): Promise<AnswerSegment> {
  const read = await engine.read({ question, answer: REFUSAL, adapter }, control);
  return { kind: 'generated', text: REFUSAL, ...read };
}

async function writeFreely(engine: Engine, request: AnswerRequest, control: AnswerControl): Promise<AnswerResult> {
  const { messages, seed, stop, expert } = request;
  const { text, tokens, logProbabilities, promptTokens, finish } = await engine.generate(
    { messages, profile: expert.profile, seed, stop, adapter: expert.adapter },
    control,
  );
  const segments: AnswerSegment[] = [{ kind: 'generated', text, tokens, logProbabilities }];
  return { segments, grounding: 'ungrounded', confidencePpm: 0, promptTokens, finish };
}
