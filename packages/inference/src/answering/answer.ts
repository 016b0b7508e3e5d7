/**
 * An expert's answer to a conversation: quote, refusal, or the model's own words. Owns which of them it is (answering §1); what is
 * retrieved belongs to retrieval, what is written to the engine.
 */
import type { AnswerResult, AnswerSegment, ChatMessage, Effort, ExpertSetup } from '../client/protocol.ts';
import type { JobControl } from '../engine/control.ts';
import type { Engine } from '../engine/engine.ts';
import { EngineError } from '../engine/errors.ts';
import type { WritingControl } from '../engine/generate.ts';
import type { Retrieval } from '../knowledge/knowledge.ts';
import type { Library } from '../knowledge/library.ts';
import { shippedCoefficients } from '../retrieval/rank.ts';
import { completeQuestion } from './follow-up.ts';
import { type IntentReader, isOpen, ordersText } from './intent.ts';
import { adopt } from './peers.ts';
import { phrase, wantsPhrasing } from './phrasing.ts';

export type AnswerRequest = {
  readonly messages: readonly ChatMessage[];
  readonly expert: ExpertSetup;
  readonly seed: number;
  readonly stop: readonly string[];
  /** Answers of peers in the round before. */
  readonly peers?: readonly string[];
  /** `full` when left out. */
  readonly effort?: Effort;
};

/** Text told is final; its pieces add up to the answer's text. */
export type AnswerControl = WritingControl;

export type AnswerTools = { readonly engine: Engine; readonly library: Library; readonly intent: IntentReader };

/** What an expert says when its knowledge does not answer. */
export const REFUSAL = "I don't know: nothing in this expert's knowledge answers that.";

/** Throws KnowledgeError or EngineError; a cancelled answer that the model was writing ends with what there is. */
export async function answer(
  tools: AnswerTools,
  request: AnswerRequest,
  control: AnswerControl,
): Promise<AnswerResult> {
  const asked = askedIn(request.messages);
  const known = ordersText(asked) ? null : await tools.library.openKnown(request.expert, control);
  if (known === null) return await writeOrRefuse(tools.engine, request, control);
  const question = completeQuestion(request.messages, known.read);
  const { candidates } = await known.retrieve(question, control);
  const confidencePpm = Math.round(1_000_000 * (candidates[0]?.probability ?? 0));
  const give = async (best: Candidate): Promise<AnswerResult> => {
    const { segments, grounding } = await quote(tools.engine, { question, best, request }, control);
    return finished({ segments, grounding, confidencePpm }, control);
  };
  const [best] = candidates;
  if (best !== undefined && best.probability >= shippedCoefficients.threshold) return await give(best);
  if (!known.isPublished) return await writeOrRefuse(tools.engine, request, control);
  if (await isOpen(tools.intent, asked, control)) return await writeOrRefuse(tools.engine, request, control);
  const adopted = adopt(candidates, request.peers ?? []);
  if (adopted !== null) return await give(adopted);
  const segments = [await refuse(tools.engine, { question: asked, request }, control)];
  return finished({ segments, grounding: 'refused', confidencePpm }, control);
}

type Candidate = Retrieval['candidates'][number];

/** The last message of the user. */
export const askedIn = (messages: readonly ChatMessage[]): string =>
  messages.findLast(({ role }) => role === 'user')?.content ?? '';

/** The passage, after a faithful phrasing where it is too long to be a short answer itself and effort is not spared. */
async function quote(
  engine: Engine,
  { question, best, request }: { question: string; best: Candidate; request: AnswerRequest },
  control: JobControl,
): Promise<Pick<AnswerResult, 'segments' | 'grounding'>> {
  const { passage, index } = best;
  const { expert, effort = 'full' } = request;
  const quoted: AnswerSegment = { kind: 'quote', text: passage.text, source: passage.source, index };
  const isPhrasing = effort === 'full' && expert.profile.maxTokens > 0 && wantsPhrasing(passage);
  const phrasing = isPhrasing ? await phrase(engine, { question, passage, expert }, control) : null;
  if (phrasing === null) return { segments: [quoted], grounding: 'quote' };
  return { segments: [phrasing, quoted], grounding: 'phrased' };
}

function finished(
  { segments, ...rest }: Pick<AnswerResult, 'segments' | 'grounding' | 'confidencePpm'>,
  { onText }: AnswerControl,
): AnswerResult {
  for (const { text } of segments) onText(text);
  return { segments, ...rest, promptTokens: 0, finish: 'stop' };
}

/** Where effort is spared the sentence is stated as certain and nobody reads it (answering §1.5): it is no word of the model. */
async function refuse(
  engine: Engine,
  { question, request }: { question: string; request: AnswerRequest },
  control: JobControl,
): Promise<AnswerSegment> {
  if (request.effort === 'quote') {
    const tokens = engine.tokensOf(REFUSAL);
    return { kind: 'generated', text: REFUSAL, tokens, logProbabilities: tokens.map(() => 0) };
  }
  const { adapter } = request.expert;
  const read = await engine.read({ question, answer: REFUSAL, adapter }, control);
  return { kind: 'generated', text: REFUSAL, ...read };
}

/** An expert with knowledge whose model has not a word for the prompt says that it does not know: silence would count as a failure (answering §1.2). */
async function writeOrRefuse(engine: Engine, request: AnswerRequest, control: AnswerControl): Promise<AnswerResult> {
  const written = await writeFreely(engine, request, control);
  const isSilent = written.finish !== 'cancelled' && written.segments.every(({ text }) => text === '');
  if (!isSilent || request.expert.knowledge === null) return written;
  const segments = [await refuse(engine, { question: askedIn(request.messages), request }, control)];
  return finished({ segments, grounding: 'refused', confidencePpm: 0 }, control);
}

async function writeFreely(engine: Engine, request: AnswerRequest, control: AnswerControl): Promise<AnswerResult> {
  const { messages, seed, stop, expert } = request;
  const { text, tokens, logProbabilities, promptTokens, finish } = await engine.generate(
    // Greedy whatever the profile says: a verifier can tell only then whether the claimed model wrote it.
    { messages, profile: { ...expert.profile, temperature: 0, topP: 1 }, seed, stop, adapter: expert.adapter },
    control,
  );
  if (text !== '' && logProbabilities.length === 0) throw unprovable(engine);
  const segments: AnswerSegment[] = [{ kind: 'generated', text, tokens, logProbabilities }];
  return { segments, grounding: 'ungrounded', confidencePpm: 0, promptTokens, finish };
}

/** What is sold on the market says how sure the model was of each token; a server that keeps it for itself cannot sell. */
function unprovable({ info }: Engine): EngineError {
  return new EngineError(
    'MODEL_ERROR',
    `${info.name} tells no log-probabilities, which an answer on the market must carry. Switch them on at the server (logprobs), or serve this expert with --model default.`,
    { facts: { model: info.name } },
  );
}
