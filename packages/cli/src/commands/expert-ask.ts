/**
 * `synod expert ask`: what one expert on this machine answers, without chain or payment. Owns what is shown: the answer, its
 * source and how sure the expert is.
 */
import { SynodError } from '@synod/chain';
import type { AnswerResult } from '@synod/inference';
import pc from 'picocolors';
import { findLocalExpert, type LocalExpertFlags } from '../experts/find-domain.ts';
import { withWorker } from '../experts/local-worker.ts';
import { stopSignal } from '../processes/stop-signals.ts';
import { type CommonOptions, print, printJson } from '../terminal/output.ts';
import { plainText } from '../terminal/plain-text.ts';
import { readPrompt } from './prompt.ts';

export type ExpertAskFlags = CommonOptions & LocalExpertFlags;

/** As a devnet's experts write where their knowledge does not answer for them. */
export const LOCAL_PROFILE = { instruction: '', temperature: 0, topP: 1, maxTokens: 64 } as const;

export async function runExpertAsk(domain: string, argument: string, flags: ExpertAskFlags): Promise<void> {
  const question = await readPrompt(argument);
  const { knowledge, adapter } = findLocalExpert(domain, flags);
  const options = { model: flags.model, environment: process.env, signal: stopSignal(), isQuiet: flags.json };
  const startedMs = performance.now();
  const event = await withWorker(options, (worker) =>
    worker.run({
      kind: 'answer',
      id: 'ask',
      priority: 'answer',
      messages: [{ role: 'user', content: question }],
      expert: { profile: LOCAL_PROFILE, knowledge, adapter },
      seed: 0,
      stop: [],
    }),
  );
  if (event.kind !== 'answered') throw new SynodError('INTERNAL', `The worker ended the job with "${event.kind}".`);
  const { result } = event;
  const answer = result.segments.map(({ text }) => text).join('');
  if (flags.json) {
    const { segments, grounding, confidencePpm } = result;
    const confidence = (confidencePpm / 1_000_000).toFixed(6);
    return printJson({ answer, domain, grounding, confidence, segments, knowledge, adapter, ms: elapsed(startedMs) });
  }
  print(answer);
  for (const line of sourceLines(result, domain)) print(`  ${line}`);
}

function elapsed(startedMs: number): number {
  return Math.round(performance.now() - startedMs);
}

/** Where an answer is from, and how sure the expert is. */
export function sourceLines({ segments, grounding, confidencePpm }: AnswerResult, domain: string): string[] {
  const sure = `confidence ${(confidencePpm / 1_000_000).toFixed(2)}`;
  if (grounding === 'refused') return [pc.dim(`refused: no passage of ${domain} answers it well enough (${sure})`)];
  const quotes = segments.flatMap((segment) =>
    segment.kind === 'quote' ? [`source: ${plainText(segment.source)} · passage ${segment.index} of ${domain}`] : [],
  );
  if (quotes.length === 0) return [pc.yellow('ungrounded: written by the model without a source')];
  return [...quotes, pc.dim(sure)];
}
