/** placeholder while measuring */
import type { AnswerScore } from '../client/protocol.ts';
import type { JobControl } from '../engine/control.ts';
import type { Engine } from '../engine/engine.ts';
export async function judge(engine: Engine, { prompt, answers }: { prompt: string; answers: readonly string[] }, control: JobControl): Promise<AnswerScore[]> {
  const l = await engine.likelihoods({ question: prompt, answers, tokensMax: 64 }, control);
  return l.map((x) => ({ scorePpm: 0, likelihoodMilli: Math.round((1000 * x.reduce((a, b) => a + b, 0)) / Math.max(1, x.length)), relevancePpm: 0 }));
}
