/**
 * Answers as experts reveal them, honest and not, written with the real model. Owns what is claimed and who really wrote it; checking is
 * substitution.ts, in another process.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { REFUSAL } from '../../packages/inference/src/answering/answer.ts';
import {
  phrase,
  phrasingRequest,
  phrasingText,
  wantsPhrasing,
} from '../../packages/inference/src/answering/phrasing.ts';
import type { AnswerSegment, ExpertSetup, GenerationProfile } from '../../packages/inference/src/client/protocol.ts';
import { type Engine, loadEngine } from '../../packages/inference/src/engine/engine.ts';
import { type Passage, parsePassage } from '../../packages/inference/src/knowledge/passage.ts';
import { normsOf } from '../../packages/inference/src/retrieval/words.ts';
import { control } from '../domains/load.ts';
import { type CheapKind, makeCheapModel } from './cheap-models.ts';

export type ClaimKind = 'honest' | 'adapter' | 'base' | 'truncated' | 'prefilled';
export type Claim = {
  readonly kind: ClaimKind;
  /** How an honest answer was computed, or who wrote another. */
  readonly variant: string;
  readonly path: 'phrasing' | 'open' | 'refusal';
  readonly prompt: string;
  /** The expert that is claimed. */
  readonly expert: ExpertSetup;
  readonly segments: readonly AnswerSegment[];
  /** The claimed model writes the very same tokens: a swap that changed nothing that anybody reads. */
  readonly isSameText: boolean;
};
export type Written = {
  readonly claims: readonly Claim[];
  /** Processor time of writing the honest answers alone, by path. */
  readonly cpuMs: Readonly<Record<'phrasing' | 'open', number>>;
};

type Generated = Extract<AnswerSegment, { kind: 'generated' }>;
const silent = { ...control, onText: () => {} };
const packages = fileURLToPath(new URL('../../packages', import.meta.url));
const here = fileURLToPath(new URL('.', import.meta.url));

export const DOMAINS = ['chemistry', 'geography', 'medicine', 'programming'] as const;
const adapterOf = (name: string): string => `${packages}/experts/adapters/${name}.adapter`;
const profile: GenerationProfile = { instruction: '', temperature: 0, topP: 1, maxTokens: 64 };

/** Something to write: a phrasing of a passage, or an open answer. */
type Task = {
  readonly path: 'phrasing' | 'open';
  readonly prompt: string;
  readonly passage: Passage | null;
  readonly expert: ExpertSetup;
};

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
const lines = (path: string): string[] => readFileSync(path, 'utf8').trimEnd().split('\n');

/** Values of more words leave no room for a faithful phrasing. */
const VALUE_WORDS_MAX = 14;

/** The first of a domain's long passages with short values in the order of their hashes, each with a question for its relation. */
function phrasingTasks(domain: string, count: number): Task[] {
  const passages = lines(`${packages}/experts/knowledge/${domain}/passages.jsonl`)
    .map(parsePassage)
    .filter((one): one is Passage => !('problem' in one) && wantsPhrasing(one))
    .filter(({ value }) => normsOf(value ?? '').length <= VALUE_WORDS_MAX)
    .toSorted((a, b) => (digest(a.text) < digest(b.text) ? -1 : 1));
  return passages.slice(0, count).map((passage) => ({
    path: 'phrasing',
    prompt: `What is the ${passage.relation.replaceAll('-', ' ')} of ${passage.subject}?`,
    passage,
    expert: { profile, knowledge: domain, adapter: adapterOf(domain) },
  }));
}

const STYLES = ['', 'Answer in one short sentence.'] as const;

function openTasks(count: number): Task[] {
  const prompts = lines(`${here}/../domains/open-prompts.jsonl`).map((line) => JSON.parse(line) as { prompt: string });
  const chosen = prompts.toSorted((a, b) => (digest(a.prompt) < digest(b.prompt) ? -1 : 1)).slice(0, count);
  return chosen.map(({ prompt }, i) => {
    const instruction = STYLES[i % STYLES.length]!;
    return {
      path: 'open',
      prompt,
      passage: null,
      expert: { profile: { ...profile, instruction }, knowledge: null, adapter: null },
    };
  });
}

/** What the engine writes for a task under an adapter; null where it finds no faithful phrasing. */
async function write(engine: Engine, task: Task, adapter: string | null, lookup = false): Promise<Generated | null> {
  const { passage, prompt, expert } = task;
  if (passage !== null) {
    const written = await phrase(engine, { question: prompt, passage, expert: { ...expert, adapter } }, control);
    return written as Generated | null;
  }
  const messages = [{ role: 'user', content: prompt }] as const;
  const request = { messages, profile: expert.profile, seed: 0, stop: [], adapter, lookup };
  const { text, tokens, logProbabilities } = await engine.generate(request, silent);
  return tokens.length === 0 ? null : { kind: 'generated', text, tokens, logProbabilities };
}

/** The text of tokens and the log-probabilities that the claimed model gives them when it reads them. */
async function read(engine: Engine, { passage, prompt, expert }: Task, tokens: readonly number[]) {
  const { adapter } = expert;
  const request =
    passage === null
      ? { messages: [{ role: 'user', content: prompt }] as const, profile: expert.profile, stop: [] }
      : phrasingRequest(passage.text, { question: prompt, adapter });
  const { messages, profile: asked, stop } = request;
  const { instruction, maxTokens: tokensMax } = asked;
  const found = await engine.review({ messages, instruction, tokensMax, stop, adapter, tokens }, control);
  if (found.kind !== 'read') throw new Error(`the claim cannot be read: ${found.reason}`);
  const text = passage === null ? found.text : phrasingText(found.text);
  return { text, logProbabilities: found.logProbabilities.map((nats) => Math.round(-1000 * nats)) };
}

const same = (a: Generated, b: Generated | null | undefined): boolean =>
  b !== null && b !== undefined && a.tokens.length === b.tokens.length && a.tokens.every((t, i) => t === b.tokens[i]);

export type ClaimCounts = { readonly phrasings: number; readonly open: number };

class Clerk {
  readonly claims: Claim[] = [];
  readonly #engine: Engine;
  /** Honest answers by task. */
  readonly honest = new Map<Task, Generated>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  add(kind: ClaimKind, variant: string, task: Task, segment: Generated): void {
    const { path, prompt, expert, passage } = task;
    const quote =
      passage === null ? [] : [{ kind: 'quote' as const, text: passage.text, source: passage.source, index: 0 }];
    const isSameText = same(segment, this.honest.get(task));
    this.claims.push({ kind, variant, path, prompt, expert, segments: [segment, ...quote], isSameText });
  }

  async writeAlone(tasks: readonly Task[]): Promise<number> {
    const before = process.cpuUsage();
    for (const task of tasks) {
      const segment = await write(this.#engine, task, task.expert.adapter);
      if (segment !== null) this.honest.set(task, segment);
    }
    const { user, system } = process.cpuUsage(before);
    for (const [task, segment] of this.honest) if (tasks.includes(task)) this.add('honest', 'alone', task, segment);
    return (user + system) / 1000;
  }

  /** As the worker does with four answers at a time. */
  async writeInCompany(tasks: readonly Task[]): Promise<void> {
    for (let at = 0; at < tasks.length; at += 4) {
      const group = tasks.slice(at, at + 4);
      const written = await Promise.all(group.map((task) => write(this.#engine, task, task.expert.adapter)));
      for (const [i, segment] of written.entries())
        if (segment !== null) this.add('honest', 'four together', group[i]!, segment);
    }
  }

  async writeDrafted(tasks: readonly Task[]): Promise<void> {
    for (const task of tasks) {
      const segment = await write(this.#engine, task, task.expert.adapter, true);
      if (segment !== null) this.add('honest', 'prompt lookup', task, segment);
    }
  }

  /** Whoever writes, the log-probabilities are its own in the first claim and the claimed model's in the second. */
  async swap(kind: 'adapter' | 'base', variant: string, task: Task, segment: Generated): Promise<void> {
    this.add(kind, variant, task, segment);
    const { text, logProbabilities } = await read(this.#engine, task, segment.tokens);
    this.add('prefilled', `${kind}: ${variant}`, task, { ...segment, text, logProbabilities });
  }

  async truncate(task: Task): Promise<void> {
    const segment = this.honest.get(task);
    if (segment === undefined || segment.tokens.length < 3) return;
    const length = 1 + (Number.parseInt(digest(task.prompt).slice(0, 6), 16) % (segment.tokens.length - 2));
    const tokens = segment.tokens.slice(0, length);
    const { text } = await read(this.#engine, task, tokens);
    const cut = { ...segment, text, tokens, logProbabilities: segment.logProbabilities.slice(0, length) };
    this.add('truncated', 'cut', task, cut);
  }

  async refuse(prompt: string, domain: string): Promise<void> {
    const expert = { profile, knowledge: domain, adapter: adapterOf(domain) };
    const ask = (adapter: string | null) => this.#engine.read({ question: prompt, answer: REFUSAL, adapter }, control);
    const segments = [{ kind: 'generated', text: REFUSAL, ...(await ask(expert.adapter)) }] as const;
    const common = { path: 'refusal', prompt, expert, isSameText: true } as const;
    this.claims.push({ kind: 'honest', variant: 'refusal', segments, ...common });
  }
}

/** Every claim of one run; `note` is told where it stands. */
export async function writeClaims(
  directory: string,
  counts: ClaimCounts,
  note: (text: string) => void,
): Promise<Written> {
  const engine = await loadEngine(directory);
  const clerk = new Clerk(engine);
  const phrasings = DOMAINS.flatMap((domain) => phrasingTasks(domain, counts.phrasings));
  const open = openTasks(counts.open);
  // Orders of texts go to the model even of an expert with knowledge, and then with its adapter.
  const adapted = open.map((task, i): Task => {
    const adapter = adapterOf(DOMAINS[i % DOMAINS.length]!);
    return { ...task, expert: { ...task.expert, adapter } };
  });
  note('honest answers');
  const cpuMs = { phrasing: await clerk.writeAlone(phrasings), open: await clerk.writeAlone(open) };
  await clerk.writeAlone(adapted);
  await clerk.writeInCompany(phrasings);
  await clerk.writeInCompany(open);
  await clerk.writeDrafted(open);
  for (const [i, { prompt }] of open.slice(0, 12).entries()) await clerk.refuse(prompt, DOMAINS[i % DOMAINS.length]!);
  note('swapped adapters and truncated answers');
  for (const [i, task] of [...phrasings, ...adapted].entries()) {
    const others = [
      null,
      adapterOf(DOMAINS.find((name) => !task.expert.adapter?.includes(name))!),
      adapterOf('format'),
    ];
    const adapter = others[i % others.length]!;
    const segment = await write(engine, task, adapter);
    const variant = adapter === null ? 'none' : i % others.length === 1 ? 'another domain' : 'format only';
    if (segment !== null) await clerk.swap('adapter', variant, task, segment);
  }
  for (const task of [...phrasings, ...open]) await clerk.truncate(task);
  for (const kind of ['three-bit', 'three-bit-few', 'fewer-layers'] as const satisfies CheapKind[]) {
    note(`base ${kind}`);
    const cheap = await makeCheapModel(directory, kind);
    const writer = await loadEngine(cheap.directory);
    for (const [i, task] of [...phrasings, ...open].entries()) {
      const segment = i % 2 === 0 ? await write(writer, task, task.expert.adapter) : null;
      if (segment !== null) await clerk.swap('base', kind, task, segment);
    }
    await writer.close();
    await cheap.remove();
  }
  await engine.close();
  return { claims: clerk.claims, cpuMs };
}
