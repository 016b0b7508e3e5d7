/** Jobs for the tiny model of known length. */
import type { Job } from '../../src/client/protocol.ts';

/** Greedy: the tiny model answers 'tell' with 103 tokens and 'always' with 209, unless stopped before. */
export function writeJob(id: string, { content = 'tell' } = {}): Job {
  return {
    kind: 'generate',
    id,
    priority: 'answer',
    messages: [{ role: 'user', content }],
    profile: { instruction: '', temperature: 0, topP: 1, maxTokens: 1500 },
    seed: 1,
    stop: [],
    adapter: null,
  };
}

export const scoreJob = (id: string): Job => ({
  kind: 'score',
  id,
  priority: 'score',
  prompt: 'why',
  knowledge: null,
  answers: ['so', ''],
});

/** Some hundred milliseconds of work. */
export const longScoreJob = (id: string): Job => ({
  kind: 'score',
  id,
  priority: 'score',
  prompt: 'why',
  knowledge: null,
  answers: Array.from({ length: 16 }, (_, i) => `${i} `.repeat(900)),
});
