/**
 * The causal language model: sequences in, logits out. Owns the graph's session; sampling and templates are elsewhere.
 */
import { join } from 'node:path';
import { FACTOR_NAMES } from '../adapters/lora-factors.ts';
import type { LlamaShape } from '../models/manifest.ts';
import type { LoadedAdapter } from './adapter-store.ts';
import { limits } from './limits.ts';
import { type Sequence, SequenceState } from './sequence.ts';
import { type InferenceSession, notDescribed, openSession } from './session.ts';
import { Turns } from './turns.ts';

export type LanguageModel = {
  readonly shape: LlamaShape;
  /** A new sequence of up to `tokensMax` tokens. Many may be open; those that read one token at the same time share a forward pass. */
  open(adapter: LoadedAdapter, tokensMax: number): Sequence;
  /** Whether another sequence was computed in the last turn, too. */
  isShared(): boolean;
  close(): Promise<void>;
};

/** Opens `generate.onnx` of a model folder. Throws MODEL_ERROR unless it is the graph of that shape. */
export async function openLanguageModel(directory: string, shape: LlamaShape): Promise<LanguageModel> {
  const path = join(directory, 'generate.onnx');
  const session = await openSession(path);
  if (!isGraphOf(session, shape)) {
    await session.release();
    throw notDescribed(path);
  }
  const turns = new Turns(session, shape);
  return {
    shape,
    open: (adapter, tokensMax) => createSequence(turns, new SequenceState(adapter, tokensMax)),
    isShared: () => turns.lastRequests() > 1,
    close: () => session.release(),
  };
}

const PLAIN_INPUTS = ['input_ids', 'seqlens_k', 'total_len', 'sel', ...FACTOR_NAMES.map((name) => `lora_${name}`)];

/** Other sizes than the graph's would show at the first answer, or take all memory there is. */
function isGraphOf(
  { inputNames, inputMetadata, outputNames }: InferenceSession,
  { layers, keyValueHeads, headSize }: LlamaShape,
): boolean {
  const caches = inputMetadata.filter(({ name }) => name.startsWith('past.'));
  const isCache = (cache: (typeof caches)[number]) =>
    cache.isTensor && cache.shape[1] === keyValueHeads && cache.shape[3] === headSize;
  return (
    PLAIN_INPUTS.every((name) => inputNames.includes(name)) &&
    outputNames.includes('logits') &&
    caches.length === 2 * layers &&
    caches.every(isCache)
  );
}

function createSequence(turns: Turns, state: SequenceState): Sequence {
  return {
    get length() {
      return state.tokens.length;
    },
    adopt: (ids) => turns.adopt(state, ids),
    chunkTokens: () => (turns.isAlone(state) ? limits.prefillAloneTokens : limits.prefillChunkTokens),
    read: (ids, rows) => {
      if (ids.length === 0 || state.tokens.length + ids.length > state.tokensMax) {
        throw new RangeError('a sequence reads at least one token and at most what it was opened for');
      }
      return turns.read(state, ids, rows);
    },
    keep: () => turns.keep(state),
    truncate: (length) => {
      state.tokens.length = Math.min(state.tokens.length, length);
      state.held = Math.min(state.held, length);
      state.readAsPrompt = Math.min(state.readAsPrompt, length);
    },
    close: () => turns.close(state),
  };
}
