/** This project's generation graph in onnxruntime, one thread, keys and values in place. Owns the feeding of that graph only. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { argmax } from '../../packages/inference/src/engine/sampling.ts';
import {
  freeTensor,
  int32Tensor,
  int64Tensor,
  openSession,
  Tensor,
} from '../../packages/inference/src/engine/session.ts';
import type { ModelManifest } from '../../packages/inference/src/models/index.ts';
import { CONTEXT_TOKENS, type Contender, DECODED_TOKENS, PROMPT } from './contender.ts';

const CHUNK_TOKENS = 128;

/** Feeds the graph in a model folder. */
export async function openSynod(directory: string): Promise<Contender> {
  const graph = await openGraph(directory);
  const read = async (tokens: number, capacity: number) => {
    graph.start(capacity);
    let logits = new Float32Array(0);
    for (let at = 0; at < tokens; at += CHUNK_TOKENS) {
      logits = await graph.run(PROMPT.slice(at, Math.min(tokens, at + CHUNK_TOKENS)), 'last');
    }
    return logits;
  };
  return {
    name: 'Synod',
    prefill: async (tokens) => {
      const startedMs = performance.now();
      await read(tokens, tokens);
      return performance.now() - startedMs;
    },
    decode: async () => {
      let token = argmax(await read(CONTEXT_TOKENS, CONTEXT_TOKENS + DECODED_TOKENS));
      const startedMs = performance.now();
      for (let i = 0; i < DECODED_TOKENS; i++) token = argmax(await graph.run([token], 'last'));
      return (performance.now() - startedMs) / DECODED_TOKENS;
    },
    close: graph.close,
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
  const manifest = JSON.parse(await readFile(join(directory, 'model.json'), 'utf8')) as ModelManifest;
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
