/**
 * Everything a loaded model can do, behind one port. Owns loading and closing; queueing belongs to the worker, judging to scoring.
 */
import type { GenerateResult, ModelInfo } from '../client/protocol.ts';
import { readBackend } from '../models/backends/backend-file.ts';
import { manifestHash, readManifest } from '../models/store/manifest-file.ts';
import { type AdapterStore, createAdapterStore } from './adapter-store.ts';
import { createHttpEngine } from './backends/http-engine.ts';
import { openOnnxParts } from './backends/onnx-parts.ts';
import { encodeChat } from './chat.ts';
import type { JobControl } from './control.ts';
import { type Embedder, openEmbedder } from './embedder.ts';
import { type GenerateRequest, generate, type WritingControl } from './generate.ts';
import { type LanguageModel, openLanguageModel } from './language-model.ts';
import { continuationLogProbabilities } from './likelihood.ts';
import { limits } from './limits.ts';
import { type Review, type ReviewRequest, review } from './review.ts';
import { toMilliNats } from './sampling.ts';
import { loadTokenizer, type TextTokenizer } from './tokenizer.ts';

export type Engine = {
  readonly info: ModelInfo;
  /** See `generate` in generate.ts. */
  generate(request: GenerateRequest, control: WritingControl): Promise<GenerateResult>;
  /** Log-probabilities of the first `tokensMax` tokens of each answer to `question`, in nats. An empty answer gives none. */
  likelihoods(request: LikelihoodRequest, control: JobControl): Promise<number[][]>;
  /** The tokens of a given answer and −1000 · ln p of each, as if the model had written it (protocol.ts, GenerateResult). */
  read(request: ReadRequest, control: JobControl): Promise<ReadText>;
  /** The tokens of a given text, as `read` gives them; the model is not asked. */
  tokensOf(text: string): readonly number[];
  /** See `review` in review.ts: what is claimed to be this model's greedy answer, read in one pass. */
  review(request: ReviewRequest, control: JobControl): Promise<Review>;
  /** Unit vectors, one a text. */
  embed(texts: readonly string[], control: JobControl): Promise<Float32Array[]>;
  /** The bytes of each token; none for special tokens and for what is no token of this model. Throws MODEL_ERROR where tokens are not known. */
  detokenize(tokens: readonly number[]): Uint8Array[];
  close(): Promise<void>;
};

export type LikelihoodRequest = {
  readonly question: string;
  readonly answers: readonly string[];
  readonly tokensMax: number;
  /** An adapter file; null for the bare model. */
  readonly adapter: string | null;
};

export type ReadRequest = {
  readonly question: string;
  readonly answer: string;
  /** An adapter file; null for the bare model. */
  readonly adapter: string | null;
};
export type ReadText = { readonly tokens: readonly number[]; readonly logProbabilities: readonly number[] };

/**
 * Loads what `directory` stands for: a model folder (models/manifest.ts) or a foreign backend (models/backends). Throws EngineError
 * MODEL_ERROR or the model store's own errors.
 */
export async function loadEngine(directory: string): Promise<Engine> {
  const foreign = await readBackend(directory);
  if (foreign?.kind === 'onnx') return createEngine(await openOnnxParts(foreign));
  if (foreign?.kind === 'http') return createHttpEngine(foreign, await loadOwn(foreign.helper));
  return await loadOwn(directory);
}

async function loadOwn(directory: string): Promise<Engine> {
  const manifest = await readManifest(directory);
  const contextTokens = Math.min(manifest.architecture.contextTokens, limits.contextTokensMax);
  const tokenizer = await loadTokenizer(directory);
  const model = await openLanguageModel(directory, manifest.architecture);
  const embedder = await openEmbedder(directory, manifest.embedder);
  const adapters = createAdapterStore(manifest, limits.adaptersMax);
  const { name, licence } = manifest;
  const { parameters } = manifest.architecture;
  const info = { name, hash: manifestHash(manifest), parameters, contextTokens, licence, backend: 'synod' as const };
  return createEngine({ info, tokenizer, model, embedder, adapters });
}

/** What an engine over a language model on this machine is made of. */
export type Parts = {
  readonly info: ModelInfo;
  readonly tokenizer: TextTokenizer;
  readonly model: LanguageModel;
  readonly embedder: Embedder;
  readonly adapters: AdapterStore;
};

function createEngine({ info, tokenizer, model, embedder, adapters }: Parts): Engine {
  const speaker = { model, tokenizer, adapters, contextTokens: info.contextTokens };
  const tokensOf = (text: string) => tokenizer.encode(text).slice(0, limits.readTokensMax);
  return {
    info,
    generate: (request, control) => generate(speaker, request, control),
    likelihoods: async ({ question, answers, tokensMax, adapter: path }, control) => {
      const adapter = await adapters.get(path);
      const chat = encodeChat([{ role: 'user', content: question }], '', { tokenizer, ...model.shape });
      const prompt = fitPrompt(chat, info.contextTokens - tokensMax);
      const continuations = answers.map((answer) => tokenizer.encode(answer).slice(0, tokensMax));
      return continuationLogProbabilities(model, { adapter, prompt, continuations }, control);
    },
    read: async ({ question, answer, adapter: path }, control) => {
      const adapter = await adapters.get(path);
      const tokens = tokensOf(answer);
      const chat = encodeChat([{ role: 'user', content: question }], '', { tokenizer, ...model.shape });
      const prompt = fitPrompt(chat, info.contextTokens - tokens.length);
      const [read] = await continuationLogProbabilities(model, { adapter, prompt, continuations: [tokens] }, control);
      return { tokens, logProbabilities: read!.map(toMilliNats) };
    },
    tokensOf,
    review: (request, control) => review(speaker, request, control),
    embed: (texts, control) => embedder.embed(texts, control),
    detokenize: (tokens) => tokens.map((token) => tokenizer.bytesOf(token)),
    close: async () => {
      await model.close();
      await embedder.close();
    },
  };
}

/** A judge reads the end of a question that is too long for it: what is asked usually stands there. */
function fitPrompt(ids: number[], tokensMax: number): number[] {
  return ids.length <= tokensMax ? ids : ids.slice(ids.length - Math.max(1, tokensMax));
}
