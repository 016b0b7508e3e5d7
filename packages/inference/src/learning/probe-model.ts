/**
 * The model as the gate reads it: how probable given answers are under given factors, and which token would begin an answer. Owns
 * loading the generation graph once and reading prompts one after another: several rows in one pass are no faster on a core, since
 * a pass of thirty tokens is bound by arithmetic already (316 against 330 tokens a second, default model).
 */
import { parseAdapter } from '../adapters/adapter-file.ts';
import { type LoadedAdapter, loraInputs } from '../engine/adapter-store.ts';
import { encodeChat } from '../engine/chat.ts';
import type { JobControl } from '../engine/control.ts';
import { openEmbedder } from '../engine/embedder.ts';
import { type LanguageModel, openLanguageModel } from '../engine/language-model.ts';
import { logProbability } from '../engine/likelihood.ts';
import { prefill } from '../engine/prefill.ts';
import { argmax, logSumExp } from '../engine/sampling.ts';
import { loadTokenizer, type TextTokenizer } from '../engine/tokenizer.ts';
import type { Embed } from '../knowledge/vector-store.ts';
import type { ModelManifest } from '../models/manifest.ts';
import { readManifest } from '../models/store/manifest-file.ts';
import { adapterFromFixed, type FixedFactors } from './fixed-factors.ts';
import { gateLimits } from './gate-limits.ts';

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
  /** Throws EngineError CANCELLED. */
  read(adapter: LoadedAdapter, question: Question, control: JobControl): Promise<QuestionReading>;
  readonly embed: Embed;
  close(): Promise<void>;
};

/** Opens a model folder; about 300 MB with the default model. Errors: EngineError, ModelError. */
export async function openProbeModel(directory: string): Promise<ProbeModel> {
  const manifest = await readManifest(directory);
  const tokenizer = await loadTokenizer(directory);
  const model = await openLanguageModel(directory, manifest.architecture);
  const embedder = await openEmbedder(directory, manifest.embedder);
  return {
    manifest,
    load: (factors) => loadFactors(factors, manifest),
    read: (adapter, question, control) => readQuestion({ model, tokenizer, adapter }, question, control),
    embed: (texts, control) => embedder.embed(texts, control),
    close: async () => {
      await model.close();
      await embedder.close();
    },
  };
}

function loadFactors(fixed: FixedFactors, { architecture }: ModelManifest): LoadedAdapter {
  const model = { shape: architecture, baseModel: fixed.about.baseModel };
  const { hash, factors } = parseAdapter(adapterFromFixed(fixed, 'gate'), model, 'a candidate');
  return { hash, inputs: loraInputs(architecture, factors) };
}

type Loaded = { readonly model: LanguageModel; readonly tokenizer: TextTokenizer; readonly adapter: LoadedAdapter };

async function readQuestion(
  { model, tokenizer, adapter }: Loaded,
  { prompt, answers }: Question,
  control: JobControl,
): Promise<QuestionReading> {
  const content = prompt.slice(-gateLimits.textCharactersMax);
  const chat = encodeChat([{ role: 'user', content }], '', { tokenizer, ...model.shape });
  const ids = chat.slice(-gateLimits.promptTokensMax);
  const targets = answers.map((answer) => tokenizer.encode(answer).slice(0, gateLimits.answerTokensMax));
  const sequence = model.open(adapter, ids.length + Math.max(1, ...targets.map((target) => target.length)));
  try {
    // A copy: the sequence's logits are valid until it reads on.
    const first = (await prefill(sequence, ids, control)).slice();
    const losses: number[] = [];
    for (const target of targets) {
      const rest = target.length > 1 ? await sequence.read(target.slice(0, -1), 'all') : [];
      const sum = target.reduce((all, token, i) => all - logProbability(i === 0 ? first : rest[i - 1]!, token), 0);
      losses.push(target.length === 0 ? 0 : sum / target.length);
      sequence.truncate(ids.length);
    }
    return { losses, first: toLogProbabilities(first) };
  } finally {
    sequence.close();
  }
}

function toLogProbabilities(logits: Float32Array): Float32Array {
  const all = logSumExp(logits, logits[argmax(logits)]!);
  return logits.map((value) => value - all);
}
