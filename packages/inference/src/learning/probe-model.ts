/**
 * The model as the gate reads it: how probable given answers are under given factors, and which token would begin an answer. Owns
 * a graph of its own over the model's weights, which reads several questions and all their answers in one pass as a trie of tokens: a pass
 * costs what five tokens do besides, and what texts begin with alike is read once (spec: learning §7.1).
 */
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { parseAdapter } from '../adapters/adapter-file.ts';
import { type LoadedAdapter, loraInputs } from '../engine/adapter-store.ts';
import { encodeChat } from '../engine/chat.ts';
import { type JobControl, passCheckpoint } from '../engine/control.ts';
import { openEmbedder } from '../engine/embedder.ts';
import { type InferenceSession, int32Tensor, int64Tensor, openSessionOver } from '../engine/session.ts';
import { loadTokenizer, type TextTokenizer } from '../engine/tokenizer.ts';
import type { Embed } from '../knowledge/vector-store.ts';
import { ModelError } from '../models/errors.ts';
import { trieGraph } from '../models/graphs/llama-graph.ts';
import { storedLlama } from '../models/graphs/llama-tensors.ts';
import type { LlamaShape, ModelManifest } from '../models/manifest.ts';
import { readManifest } from '../models/store/manifest-file.ts';
import { readStoredTensors } from '../models/store/stored-tensors.ts';
import { adapterFromFixed, type FixedFactors } from './fixed-factors.ts';
import { gateLimits } from './gate-limits.ts';
import { TokenTrie } from './token-trie.ts';

/** One user turn and answers that are given to the model, not written by it. */
export type Question = { readonly prompt: string; readonly answers: readonly string[] };

export type QuestionReading = {
  /** Mean −ln p a token, in nats, one an answer; 0 for an empty one. */
  readonly losses: readonly number[];
  /** ln p of every token as the first of an answer. */
  readonly first: Float32Array;
};

export type ProbeModel = {
  readonly manifest: ModelManifest;
  /** Factors as workers will load them: rounded as the adapter file is. */
  load(factors: FixedFactors): LoadedAdapter;
  /** One reading a question, in order. Questions next to each other share a pass. Throws EngineError CANCELLED, between passes. */
  read(adapter: LoadedAdapter, questions: readonly Question[], control: JobControl): Promise<QuestionReading[]>;
  readonly embed: Embed;
  close(): Promise<void>;
};

/** Opens a model folder; about 300 MB with the default model. Errors: EngineError, ModelError. */
export async function openProbeModel(directory: string): Promise<ProbeModel> {
  const manifest = await readManifest(directory);
  const tokenizer = await loadTokenizer(directory);
  const session = await openTrieSession(directory, manifest.architecture);
  const embedder = await openEmbedder(directory, manifest.embedder);
  const loaded = { session, tokenizer, shape: manifest.architecture };
  return {
    manifest,
    load: (factors) => loadFactors(factors, manifest),
    read: (adapter, questions, control) => readQuestions({ ...loaded, adapter }, questions, control),
    embed: (texts, control) => embedder.embed(texts, control),
    close: async () => {
      await session.release();
      await embedder.close();
    },
  };
}

async function openTrieSession(directory: string, shape: LlamaShape): Promise<InferenceSession> {
  const tensors = storedLlama(await readStoredTensors(directory), shape.layers);
  if (tensors !== null) return openSessionOver(join(directory, 'weights.bin'), trieGraph(shape, tensors));
  const message = `The generation graph in ${directory} lacks weights that the gate reads. Remove the model folder so that it is made again.`;
  throw new ModelError('MODEL_FORMAT', message, { facts: { directory } });
}

function loadFactors(fixed: FixedFactors, { architecture }: ModelManifest): LoadedAdapter {
  const model = { shape: architecture, baseModel: fixed.about.baseModel };
  const { hash, factors } = parseAdapter(adapterFromFixed(fixed, 'gate'), model, 'a candidate');
  return { hash, inputs: loraInputs(architecture, factors) };
}

type Loaded = {
  readonly session: InferenceSession;
  readonly tokenizer: TextTokenizer;
  readonly shape: LlamaShape;
  readonly adapter: LoadedAdapter;
};

type Tokens = { readonly prompt: readonly number[]; readonly answers: readonly (readonly number[])[] };

async function readQuestions(
  loaded: Loaded,
  questions: readonly Question[],
  control: JobControl,
): Promise<QuestionReading[]> {
  const readings: QuestionReading[] = [];
  for (const pass of passesOf(questions.map((question) => tokensOf(loaded, question)))) {
    // The runtime computes on this thread; messages that came meanwhile are read here, so that a job can be cancelled.
    await setImmediate();
    await passCheckpoint(control);
    readings.push(...(await readPass(loaded, pass)));
  }
  return readings;
}

function tokensOf({ tokenizer, shape }: Loaded, { prompt, answers }: Question): Tokens {
  const content = prompt.slice(-gateLimits.textCharactersMax);
  const chat = encodeChat([{ role: 'user', content }], '', { tokenizer, ...shape });
  return {
    prompt: chat.slice(-gateLimits.promptTokensMax),
    answers: answers.map((answer) => tokenizer.encode(answer).slice(0, gateLimits.answerTokensMax)),
  };
}

/** As many questions a pass as `passTokensMax` tokens allow, shared beginnings counted each time; one at least. */
function passesOf(questions: readonly Tokens[]): Tokens[][] {
  const passes: Tokens[][] = [];
  let room = 0;
  for (const question of questions) {
    const size = question.answers.reduce((sum, { length }) => sum + length, question.prompt.length);
    if (size > room) {
      passes.push([]);
      room = gateLimits.passTokensMax;
    }
    passes.at(-1)!.push(question);
    room -= size;
  }
  return passes;
}

/**
 * The tokens after which something is asked for, each once, in the order in which they are first asked. The first of all comes before them: a
 * single row would be multiplied by another kernel, which rounds otherwise.
 */
class Asked {
  readonly tokens: number[] = [0];
  readonly #rows = new Map<number, number>();

  row(token: number): number {
    const row = this.#rows.get(token) ?? this.tokens.push(token) - 1;
    this.#rows.set(token, row);
    return row;
  }
}

async function readPass({ session, shape, adapter }: Loaded, questions: readonly Tokens[]): Promise<QuestionReading[]> {
  const trie = new TokenTrie();
  const asked = new Asked();
  const rows: number[] = [];
  const starts = questions.map(({ prompt, answers }) => {
    // Nothing is asked for after an answer's last token, so it is not read.
    const texts = answers.length === 0 ? [[]] : answers.map((answer) => answer.slice(0, -1));
    const read = texts.map((text) => trie.add([...prompt, ...text]).slice(prompt.length - 1));
    for (const [i, answer] of answers.entries()) {
      if (answer.length > 0) rows.push(...read[i]!.map((token) => asked.row(token)));
    }
    return asked.row(read[0]![0]!);
  });
  const targets = questions.flatMap(({ answers }) => answers.flat());
  const { cells, longest, places } = trie.layout();
  const outputs = await session.run({
    input_ids: int64Tensor(trie.ids, [1, trie.ids.length]),
    texts: int64Tensor(cells, [trie.texts.length, longest]),
    places: int64Tensor(places, [places.length]),
    seqlens_k: int32Tensor(
      trie.texts.map(({ length }) => length - 1),
      [trie.texts.length],
    ),
    total_len: int32Tensor([longest], [1]),
    sel: int64Tensor(asked.tokens, [asked.tokens.length]),
    rows: int64Tensor(rows, [rows.length]),
    targets: int64Tensor(targets, [targets.length]),
    starts: int64Tensor(starts, [starts.length]),
    ...adapter.inputs,
  });
  const chosen = outputs['chosen']!.data as Float32Array;
  const first = outputs['first']!.data as Float32Array;
  let at = 0;
  return questions.map(({ answers }, i) => ({
    losses: answers.map(({ length }) => {
      at += length;
      return lossOf(chosen.subarray(at - length, at));
    }),
    first: first.slice(i * shape.vocabulary, (i + 1) * shape.vocabulary),
  }));
}

/** Mean −ln p a token. */
function lossOf(logProbabilities: Float32Array): number {
  const sum = logProbabilities.reduce((all, one) => all - one, 0);
  return logProbabilities.length === 0 ? 0 : sum / logProbabilities.length;
}
