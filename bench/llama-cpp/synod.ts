/**
 * The production engine as a contender, on its own graph and on an ordinary one; and the own graph fed bare, all tokens in one run, for
 * the comparison of logits (bench/exactness).
 */
import { join } from 'node:path';
import { createAdapterStore, type LoadedAdapter } from '../../packages/inference/src/engine/adapter-store.ts';
import { openOnnxModel } from '../../packages/inference/src/engine/backends/onnx-model.ts';
import { type LanguageModel, openLanguageModel } from '../../packages/inference/src/engine/language-model.ts';
import { prefill } from '../../packages/inference/src/engine/prefill.ts';
import { argmax } from '../../packages/inference/src/engine/sampling.ts';
import {
  freeTensor,
  int32Tensor,
  int64Tensor,
  openSession,
  Tensor,
} from '../../packages/inference/src/engine/session.ts';
import { readBackend } from '../../packages/inference/src/models/backends/backend-file.ts';
import { readManifest, resolveModel } from '../../packages/inference/src/models/index.ts';
import { CONTEXT_TOKENS, type Contender, DECODED_TOKENS, PROMPT } from './contender.ts';

const control = { signal: new AbortController().signal, checkpoint: async () => {} };

/** The production engine's language model on this project's own graph in a model folder. */
export async function openSynod(directory: string): Promise<Contender> {
  const manifest = await readManifest(directory);
  const adapter = await createAdapterStore(manifest, 1).get(null);
  return contenderOf('Synod', await openLanguageModel(directory, manifest.architecture), adapter);
}

/** The same engine on an ordinary ONNX model, found as `--model FOLDER` finds it; `helper` is a model folder of this project. */
export async function openSynodOnnx(folder: string, options: { helper: string; cacheDir: string }): Promise<Contender> {
  const { directory } = await resolveModel({ model: folder, ...options });
  const backend = await readBackend(directory);
  if (backend?.kind !== 'onnx') throw new Error(`${folder} is no ONNX model`);
  return contenderOf('Synod on the fp32 graph', await openOnnxModel(backend), { hash: '', inputs: {} });
}

function contenderOf(name: string, model: LanguageModel, adapter: LoadedAdapter): Contender {
  let prompts = 0;
  const read = async (tokens: number, written: number) => {
    const sequence = model.open(adapter, tokens + written);
    // Another first token each time, or the engine would know the prompt by now.
    const logits = await prefill(sequence, [300 + prompts++, ...PROMPT.slice(1, tokens)], control);
    return { sequence, token: argmax(logits) };
  };
  return {
    name,
    prefill: async (tokens) => {
      const startedMs = performance.now();
      const { sequence } = await read(tokens, 0);
      const ms = performance.now() - startedMs;
      sequence.close();
      return ms;
    },
    decode: async () => {
      const { sequence, ...first } = await read(CONTEXT_TOKENS, DECODED_TOKENS);
      let { token } = first;
      const startedMs = performance.now();
      for (let i = 0; i < DECODED_TOKENS; i++) token = argmax((await sequence.read([token], 'last'))[0]!);
      const ms = performance.now() - startedMs;
      sequence.close();
      return ms / DECODED_TOKENS;
    },
    close: () => model.close(),
  };
}

export type Graph = {
  /** Forgets everything and makes room for `capacity` tokens. */
  start(capacity: number): void;
  /** Logits for the last of `ids`, or for each, one after the other. */
  run(ids: readonly number[], rows: 'last' | 'all'): Promise<Float32Array<ArrayBuffer>>;
  close(): Promise<void>;
};

/** The generation graph of a model folder without an adapter. */
export async function openGraph(directory: string): Promise<Graph> {
  const manifest = await readManifest(directory);
  const { layers, hidden, keyValueHeads, headSize } = manifest.architecture;
  const session = await openSession(join(directory, 'generate.onnx'));
  const floats = (...dims: number[]) =>
    new Tensor('float32', new Float32Array(dims.reduce((product, size) => product * size, 1)), dims);
  const adapter = {
    lora_qA: floats(layers, hidden, 0),
    lora_qB: floats(layers, 0, hidden),
    lora_vA: floats(layers, hidden, 0),
    lora_vB: floats(layers, 0, keyValueHeads * headSize),
  };
  let past: Record<string, Tensor> = {};
  let present: Record<string, Tensor> = {};
  let length = 0;
  return {
    start: (capacity) => {
      length = 0;
      const names = Array.from({ length: layers }, (_, i) => [`${i}.key`, `${i}.value`]).flat();
      const caches = names.map((name) => [name, floats(1, keyValueHeads, capacity, headSize)] as const);
      past = Object.fromEntries(caches.map(([name, tensor]) => [`past.${name}`, tensor]));
      present = Object.fromEntries(caches.map(([name, tensor]) => [`present.${name}`, tensor]));
    },
    run: async (ids, rows) => {
      length += ids.length;
      const selected = rows === 'all' ? [...ids.keys()] : [ids.length - 1];
      const tokens = {
        input_ids: int64Tensor(ids, [1, ids.length]),
        seqlens_k: int32Tensor([length - 1], [1]),
        total_len: int32Tensor([length], [1]),
        sel: int64Tensor(selected, [selected.length]),
      };
      const outputs = await session.run({ ...tokens, ...adapter, ...past }, { logits: null, ...present });
      for (const name of Object.keys(present)) freeTensor(outputs[name] as Tensor);
      return outputs['logits']!.data as Float32Array<ArrayBuffer>;
    },
    close: () => session.release(),
  };
}
