/**
 * What corrections by users change at once, before any weight is trained (spec: answering §10): 20 corrections asked again in other words, near misses,
 * and old questions before and after. Owns the measurement; the corrections stand in corrections.jsonl, those for tuning in
 * corrections-tuning.jsonl (`--tuning`), and no figure is given on those.
 */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { contains } from '../../packages/experts/src/questions/scoring.ts';
import { type AnswerTools, answer } from '../../packages/inference/src/answering/answer.ts';
import { createIntentReader } from '../../packages/inference/src/answering/intent.ts';
import type { Engine } from '../../packages/inference/src/engine/engine.ts';
import { writeLearnt } from '../../packages/inference/src/knowledge/learnt.ts';
import { createLibrary } from '../../packages/inference/src/knowledge/library.ts';
import { vectorsDirectory } from '../../packages/inference/src/knowledge/vectors-file.ts';
import { normsOf, termsOf } from '../../packages/inference/src/retrieval/words.ts';
import { judge } from '../../packages/inference/src/scoring/judge.ts';
import { control, type Domain, loadDomains, openEngine } from '../domains/load.ts';
import { type Row, report } from '../table.ts';

const { values } = parseArgs({
  options: { tuning: { type: 'boolean', default: false }, old: { type: 'string', default: '200' } },
});

type Correction = {
  readonly id: string;
  readonly domain: string;
  readonly kind: 'new' | 'changed';
  readonly prompt: string;
  readonly text: string;
  readonly gold: string;
  readonly asked: readonly string[];
  readonly near: readonly string[];
};

const SOURCE = 'a user of Synod, feedback 000000000000, CC0-1.0';
const PROFILE = { instruction: '', temperature: 0, topP: 1, maxTokens: 40 };
const DOMAINS = ['chemistry', 'geography'];

const file = fileURLToPath(new URL(values.tuning ? 'corrections-tuning.jsonl' : 'corrections.jsonl', import.meta.url));
const corrections = readFileSync(file, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Correction);

type Setup = { readonly knowledge: string | null; readonly learnt: string | null };
type Reply = { readonly text: string; readonly grounding: string; readonly index: number | null };

async function ask(tools: AnswerTools, setup: Setup, question: string): Promise<Reply> {
  const request = {
    messages: [{ role: 'user', content: question }] as const,
    expert: { profile: PROFILE, adapter: null, ...setup },
    seed: 0,
    stop: [],
    effort: 'quote' as const,
  };
  const { segments, grounding } = await answer(tools, request, { ...control, onText: () => {} });
  const quote = segments.find((segment) => segment.kind === 'quote');
  return { text: segments.map(({ text }) => text).join(''), grounding, index: quote?.index ?? null };
}

const states = (reply: Reply, gold: string): boolean =>
  contains(reply.text, { question: '', subject: '', gold: [gold], caseSensitive: false });

/** Words that a new wording shares with the prompt, names aside: part of the prompt's. */
function sharedWords({ prompt, asked }: Correction): number {
  const isName = (norm: string) => new RegExp(`\\b\\p{Lu}${norm.slice(1)}`, 'u').test(prompt.slice(1));
  const of = (text: string) => [...termsOf(normsOf(text))].filter((term) => !isName(term));
  const own = of(prompt);
  if (own.length === 0) return 0;
  return mean(asked.map((text) => of(text).filter((term) => own.includes(term)).length / own.length));
}

const mean = (list: readonly number[]): number => list.reduce((sum, one) => sum + one, 0) / list.length;

type Asking = {
  readonly id: string;
  readonly kind: 'new' | 'changed';
  readonly question: string;
  readonly before: boolean;
  readonly after: boolean;
  readonly alone: boolean;
  readonly reply: string;
  readonly score: { readonly corrected: number; readonly old: number };
};

/** Each new wording, static, learnt, learnt without published knowledge; and the judge's view of the corrected answer and of the old one. */
async function askAgain(
  tools: AnswerTools,
  one: Correction,
  files: { folder: string; learnt: string },
): Promise<Asking[]> {
  const found: Asking[] = [];
  const known = await tools.library.openKnown({ knowledge: files.folder, learnt: files.learnt }, control);
  for (const question of [one.prompt, ...one.asked]) {
    const before = await ask(tools, { knowledge: files.folder, learnt: null }, question);
    const after = await ask(tools, { knowledge: files.folder, learnt: files.learnt }, question);
    const alone = await ask(tools, { knowledge: null, learnt: files.learnt }, question);
    const answers = [one.text, before.text];
    const scores = await judge({ ...tools, knowledge: known }, { prompt: question, answers }, control);
    found.push({
      id: one.id,
      kind: one.kind,
      question,
      before: states(before, one.gold),
      after: states(after, one.gold),
      alone: states(alone, one.gold),
      reply: after.text,
      score: { corrected: scores[0]!.scorePpm, old: scores[1]!.scorePpm },
    });
  }
  return found;
}

type Near = {
  readonly question: string;
  readonly captured: boolean;
  readonly changed: boolean;
  readonly reply: string;
};

async function askNear(tools: AnswerTools, one: Correction, files: { folder: string; learnt: string; size: number }) {
  const found: Near[] = [];
  for (const question of one.near) {
    const before = await ask(tools, { knowledge: files.folder, learnt: null }, question);
    const after = await ask(tools, { knowledge: files.folder, learnt: files.learnt }, question);
    const captured = after.index !== null && after.index >= files.size;
    found.push({ question, captured, changed: before.text !== after.text, reply: after.text });
  }
  return found;
}

type Old = { readonly right: number; readonly refused: number; readonly changed: number; readonly asked: number };

/** Old questions, evenly over split test: right is a passage that answers, or a refusal where nothing does. */
async function askOld(
  tools: AnswerTools,
  domain: Domain,
  learnt: string,
  count: number,
): Promise<Record<'before' | 'after', Old>> {
  const all = domain.questions.filter(({ split }) => split === 'test');
  const chosen = all.filter(
    (_, i) => Math.floor((i * count) / all.length) !== Math.floor(((i - 1) * count) / all.length),
  );
  const tally = { before: { right: 0, refused: 0 }, after: { right: 0, refused: 0 } };
  let changed = 0;
  for (const question of chosen) {
    const replies = {
      before: await ask(tools, { knowledge: domain.folder, learnt: null }, question.question),
      after: await ask(tools, { knowledge: domain.folder, learnt }, question.question),
    };
    if (replies.before.text !== replies.after.text) changed++;
    for (const when of ['before', 'after'] as const) {
      const { grounding, text } = replies[when];
      const isRefused = grounding === 'refused';
      tally[when].refused += isRefused ? 1 : 0;
      tally[when].right += (question.unanswerable === null ? !isRefused && contains(text, question) : isRefused)
        ? 1
        : 0;
    }
  }
  const rest = { changed, asked: chosen.length };
  return { before: { ...tally.before, ...rest }, after: { ...tally.after, ...rest } };
}

async function measure(engine: Engine, temporary: string) {
  const tools: AnswerTools = {
    engine,
    library: createLibrary({ embed: engine.embed, vectorsDirectory: vectorsDirectory() }),
    intent: createIntentReader(engine.embed),
  };
  const asked: Asking[] = [];
  const near: Near[] = [];
  const old: Record<'before' | 'after', Old>[] = [];
  for (const domain of await loadDomains(engine, { data: undefined, only: DOMAINS })) {
    const own = corrections.filter((one) => one.domain === domain.name);
    const learnt = join(temporary, `${domain.name}.json`);
    await writeLearnt(
      learnt,
      own.map(({ prompt, text }, number) => ({ text, source: SOURCE, prompt, number })),
    );
    const files = { folder: domain.folder, learnt, size: domain.knowledge.passages.length };
    for (const one of own) {
      asked.push(...(await askAgain(tools, one, files)));
      near.push(...(await askNear(tools, one, files)));
    }
    const count = Number(values.old) / DOMAINS.length;
    if (count > 0) old.push(await askOld(tools, domain, learnt, count));
  }
  return { asked, near, old };
}

const engine = await openEngine();
const temporary = await mkdtemp(join(tmpdir(), 'synod-corrections-'));
const { asked, near, old } = await measure(engine, temporary);
await rm(temporary, { recursive: true });
await engine.close();

const percent = (list: readonly boolean[]): number => (100 * list.filter(Boolean).length) / Math.max(1, list.length);
const show = (list: readonly boolean[]): string =>
  `${percent(list).toFixed(1)} % (${list.filter(Boolean).length} of ${list.length})`;
const prompts = new Set(corrections.map(({ prompt }) => prompt));
const reworded = asked.filter(({ question }) => !prompts.has(question));
const ofKind = (kind: Correction['kind']) => reworded.filter((one) => one.kind === kind);
const total = (when: 'before' | 'after', what: keyof Old) => old.reduce((sum, one) => sum + one[when][what], 0);
const oldAsked = Math.max(1, total('before', 'asked'));
const lost = (100 * (total('before', 'right') - total('after', 'right'))) / oldAsked;
const preferred = reworded.filter(({ before }) => !before).map(({ score }) => score.corrected > score.old);
const rows: Row[] = [
  { figure: 'new words, static', value: show(reworded.map(({ before }) => before)), goal: '–', met: null },
  {
    figure: 'new words, learnt',
    value: show(reworded.map(({ after }) => after)),
    goal: '≥ 80 %',
    met: percent(reworded.map(({ after }) => after)) >= 80,
  },
  { figure: '  of these new facts', value: show(ofKind('new').map(({ after }) => after)), goal: '–', met: null },
  {
    figure: '  of these changed facts',
    value: show(ofKind('changed').map(({ after }) => after)),
    goal: '–',
    met: null,
  },
  {
    figure: 'new words, learnt passages without knowledge',
    value: show(reworded.map(({ alone }) => alone)),
    goal: '–',
    met: null,
  },
  {
    figure: 'the corrected prompt itself, learnt',
    value: show(asked.filter(({ question }) => prompts.has(question)).map(({ after }) => after)),
    goal: '–',
    met: null,
  },
  { figure: 'near misses captured', value: show(near.map(({ captured }) => captured)), goal: 'few', met: null },
  {
    figure: 'old questions right, before → after',
    value: `${total('before', 'right')} → ${total('after', 'right')} of ${oldAsked} (${total('after', 'changed')} answers differ)`,
    goal: '≤ 2 points lost',
    met: lost <= 2,
  },
  {
    figure: 'old questions refused, before → after',
    value: `${total('before', 'refused')} → ${total('after', 'refused')}`,
    goal: '–',
    met: null,
  },
  { figure: 'judge prefers the corrected answer to the old one', value: show(preferred), goal: '–', met: null },
  {
    figure: 'words of the prompt that new wordings share, names aside',
    value: `${(100 * mean(corrections.map(sharedWords))).toFixed(0)} %`,
    goal: 'few',
    met: null,
  },
];
for (const { question, reply } of reworded.filter(({ after }) => !after))
  console.log(`missed    ${question}  →  ${reply}`);
for (const { question, reply } of near.filter(({ captured }) => captured))
  console.log(`captured  ${question}  →  ${reply}`);
report(values.tuning ? 'learning-corrections-tuning' : 'learning-corrections', rows, { asked, near, old });
