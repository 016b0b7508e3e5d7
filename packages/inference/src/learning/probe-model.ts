/**
 * The model as the gate reads it: how probable given answers are under given factors, and which token would begin an answer. Owns
 * loading the generation graph once and reading prompts one after another: several rows in one pass are no faster on a core, since
 * a pass of thirty tokens is bound by arithmetic already (316 against 330 tokens a second, default model). Every pass costs what seven
 * tokens do besides, so a prompt's end and the first answer are one.
 */
import { setImmediate } from 'node:timers/promises';
import { parseAdapter } from '../adapters/adapter-file.ts';
import { type LoadedAdapter, loraInputs } from '../engine/adapter-store.ts';
import { encodeChat } from '../engine/chat.ts';
import { chunksOf } from '../engine/chunks.ts';
import { type JobControl, passCheckpoint } from '../engine/control.ts';
import { openEmbedder } from '../engine/embedder.ts';
import { type LanguageModel, openLanguageModel } from '../engine/language-model.ts';
import type { Sequence } from '../engine/sequence.ts';
import { loadTokenizer, type TextTokenizer } from '../engine/tokenizer.ts';
import type { Embed } from '../knowledge/vector-store.ts';
import type { ModelManifest } from '../models/manifest.ts';
import { readManifest } from '../models/store/manifest-file.ts';
import { adapterFromFixed, type FixedFactors } from './fixed-factors.ts';
import { gateLimits } from './gate-limits.ts';
import { type Likelihoods, openLikelihoods } from './likelihoods.ts';

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
  const likelihoods = await openLikelihoods(model.shape.vocabulary);
  return {
    manifest,
    load: (factors) => loadFactors(factors, manifest),
    read: (adapter, question, control) => readQuestion({ model, tokenizer, likelihoods, adapter }, question, control),
    embed: (texts, control) => embedder.embed(texts, control),
    close: async () => {
      await model.close();
      await embedder.close();
      await likelihoods.close();
    },
  };
}

function loadFactors(fixed: FixedFactors, { architecture }: ModelManifest): LoadedAdapter {
  const model = { shape: architecture, baseModel: fixed.about.baseModel };
  const { hash, factors } = parseAdapter(adapterFromFixed(fixed, 'gate'), model, 'a candidate');
  return { hash, inputs: loraInputs(architecture, factors) };
}

type Loaded = {
  readonly model: LanguageModel;
  readonly tokenizer: TextTokenizer;
  readonly likelihoods: Likelihoods;
  readonly adapter: LoadedAdapter;
};

async function readQuestion(
  { model, tokenizer, likelihoods, adapter }: Loaded,
  { prompt, answers }: Question,
  control: JobControl,
): Promise<QuestionReading> {
  const content = prompt.slice(-gateLimits.textCharactersMax);
  const chat = encodeChat([{ role: 'user', content }], '', { tokenizer, ...model.shape });
  const ids = chat.slice(-gateLimits.promptTokensMax);
  const targets = answers.map((answer) => tokenizer.encode(answer).slice(0, gateLimits.answerTokensMax));
  const sequence = model.open(adapter, ids.length + Math.max(1, ...targets.map((target) => target.length)));
  try {
    const [lead = [], ...others] = targets;
    const start = await readStart(sequence, { ids, lead: lead.slice(0, -1) }, control);
    // Without a token to ask for, any is asked for.
    const { chosen, first } = await likelihoods.withFirst(start, lead.length === 0 ? [0] : lead);
    const losses = targets.length === 0 ? [] : [lossOf(lead.length === 0 ? [] : [...chosen])];
    sequence.truncate(ids.length);
    sequence.keep();
    for (const [token, ...rest] of others) {
      const begin = token === undefined ? [] : [first[token]!];
      if (rest.length === 0) {
        losses.push(lossOf(begin));
        continue;
      }
      const read = await sequence.read([token!, ...rest.slice(0, -1)], 'all');
      losses.push(lossOf([...begin, ...(await likelihoods.ofTargets(read, rest))]));
      sequence.truncate(ids.length);
    }
    return { losses, first };
  } finally {
    sequence.close();
  }
}

/** Logits after the prompt, then after each token of `lead`. */
async function readStart(
  sequence: Sequence,
  { ids, lead }: { readonly ids: readonly number[]; readonly lead: readonly number[] },
  control: JobControl,
): Promise<Float32Array[]> {
  await passCheckpoint(control);
  const known = await sequence.adopt(ids);
  const chunks = chunksOf(ids.slice(known), gateLimits.passTokensMax);
  for (const chunk of chunks.slice(0, -1)) {
    await passCheckpoint(control);
    await sequence.read(chunk, 'last');
  }
  // The runtime computes on this thread; messages that came meanwhile are read here, so that a job can be cancelled.
  await setImmediate();
  await passCheckpoint(control);
  return sequence.read([...(chunks.at(-1) ?? []), ...lead], 1 + lead.length);
}

/** Mean −ln p a token. */
function lossOf(logProbabilities: readonly number[]): number {
  const sum = logProbabilities.reduce((all, one) => all - one, 0);
  return logProbabilities.length === 0 ? 0 : sum / logProbabilities.length;
}
