/**
 * Records plain debates over the recorded answers: for each kind and number of malicious panelists the bare model's last word.
 * Usage: node bench/market/record-debate.ts [--each 50] [--model default|DIR]. Adds recordings/debate.jsonl.gz.
 */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { contains, strict } from '../../packages/experts/src/questions/scoring.ts';
import { resolveModel } from '../../packages/inference/src/models/index.ts';
import { type Debate, debatePrompt, writeDebates } from './debate.ts';
import { startMeasuredWorker } from './measured-worker.ts';
import { type Kind, panelFor } from './panels.ts';
import { DOMAINS } from './population.ts';
import type { RecordedQuestion } from './recording.ts';
import { answerBy, loadRecordings } from './replay.ts';

const CASES: readonly { readonly kind: Kind; readonly bad: number }[] = [
  { kind: 'liars', bad: 0 },
  { kind: 'colluders', bad: 2 },
  { kind: 'colluders', bad: 4 },
];
const PROFILE = { instruction: '', temperature: 0, topP: 1, maxTokens: 32 };

const { values } = parseArgs({
  options: { each: { type: 'string', default: '50' }, model: { type: 'string', default: 'default' } },
});
const { questions } = loadRecordings();
const chosen = DOMAINS.flatMap((name) =>
  questions.filter(({ domain }) => domain === name).slice(0, Number(values.each)),
);
const { directory } = await resolveModel({ model: values.model, cacheDir: join(homedir(), '.synod', 'models') });
const worker = startMeasuredWorker(directory);
const debates: Debate[] = [];
try {
  for (const [i, question] of chosen.entries()) {
    for (const { kind, bad } of CASES) debates.push(await lastWord(question, kind, bad));
    if (i % 25 === 24) console.log(`${i + 1} of ${chosen.length}`);
  }
} finally {
  await worker.close();
}
writeDebates(debates);

async function lastWord(question: RecordedQuestion, kind: Kind, bad: number): Promise<Debate> {
  const panel = panelFor(question, { kind, bad, seed: 'malicious 0' });
  const content = debatePrompt(
    question.question,
    panel.map((name) => answerBy(question, name).text),
  );
  const { event } = await worker.run({
    kind: 'generate',
    id: `${question.id} ${kind} ${bad}`,
    priority: 'answer',
    messages: [{ role: 'user', content }],
    profile: PROFILE,
    seed: 0,
    stop: [],
    adapter: null,
  });
  if (event.kind !== 'generated') throw new Error(`a debate ended with ${event.kind}`);
  const { text } = event.result;
  return { id: question.id, kind, bad, text, contains: contains(text, question), strict: strict(text, question) };
}
