/** A short answer in the model's words, put before a long quote. Owns the prompt and that nothing unfaithful leaves here (answering §4). */
import type { AnswerSegment, ExpertSetup } from '../client/protocol.ts';
import type { JobControl } from '../engine/control.ts';
import type { Engine } from '../engine/engine.ts';
import type { GenerateRequest } from '../engine/generate.ts';
import type { Passage } from '../knowledge/passage.ts';
import { normsOf } from '../retrieval/words.ts';
import { unfaithful } from './faithfulness.ts';
import { limits } from './limits.ts';

/** Parts a phrasing from the quote after it. */
const SEPARATOR = '\n\n';

/** What the model is asked; adapters are trained on the same form. */
export const contextPrompt = (passage: string, question: string): string =>
  `Context:\n- ${passage}\nQuestion: ${question}`;

/** True when the quote is too long to be a short answer itself and says what its value is. */
export function wantsPhrasing({ text, value }: Passage): boolean {
  return value !== null && normsOf(text).length > limits.quoteAloneWordsMax;
}

/** What is asked of the model for a phrasing, whoever asks: the expert itself or a verifier. */
export function phrasingRequest(
  passage: string,
  { question, adapter }: { question: string; adapter: string | null },
): GenerateRequest {
  const profile = { instruction: '', temperature: 0, topP: 1, maxTokens: limits.phrasingTokensMax };
  const messages = [{ role: 'user', content: contextPrompt(passage, question) }] as const;
  return { messages, profile, seed: 0, stop: ['\n'], adapter };
}

/** The segment's text, of what the model wrote before the stop. */
export const phrasingText = (written: string): string => written.trim() + SEPARATOR;

/** The phrasing with its separator, or null when the model finds none that is faithful. Its tokens are all that the model wrote. */
export async function phrase(
  engine: Engine,
  { question, passage, expert }: { question: string; passage: Passage; expert: ExpertSetup },
  control: JobControl,
): Promise<AnswerSegment | null> {
  const { text: quote, value } = passage;
  if (value === null) return null;
  const request = phrasingRequest(quote, { question, adapter: expert.adapter });
  const written = await engine.generate(request, { ...control, onText: () => {} });
  if (written.finish !== 'stop' || unfaithful(written.text.trim(), { text: quote, value }) !== null) return null;
  const { tokens, logProbabilities } = written;
  return { kind: 'generated', text: phrasingText(written.text), tokens, logProbabilities };
}
