/**
 * The adapters in memory, ready as inputs of the graph. Owns how many stay loaded (least recently used first out) and that a file
 * that has changed is read again; what a file must look like belongs to adapters/.
 */
import { stat } from 'node:fs/promises';
import { readAdapter } from '../adapters/adapter-file.ts';
import { baseModelHash } from '../adapters/base-model.ts';
import { AdapterError } from '../adapters/errors.ts';
import { FACTOR_NAMES, factorDims, type LoraFactors } from '../adapters/lora-factors.ts';
import type { LlamaShape, ModelManifest } from '../models/manifest.ts';
import { Tensor } from './session.ts';

/** Factors as inputs of the graph. Equal hashes mean equal factors; the empty hash is the bare model. */
export type LoadedAdapter = { readonly hash: string; readonly inputs: Readonly<Record<string, Tensor>> };

export type AdapterStore = {
  /** Null is the bare model. Throws AdapterError; a failure is not remembered. */
  get(path: string | null): Promise<LoadedAdapter>;
  /** Adapters in memory, the bare model not counted. */
  size(): number;
};

type Shelved = { readonly version: string; readonly adapter: Promise<LoadedAdapter> };

/** Keeps the `loadedMax` adapters used last. */
export function createAdapterStore(manifest: ModelManifest, loadedMax: number): AdapterStore {
  const shape = manifest.architecture;
  const bare: LoadedAdapter = { hash: '', inputs: noFactors(shape) };
  const model = { shape, baseModel: baseModelHash(manifest) };
  /** In order of use, the latest last. */
  const shelf = new Map<string, Shelved>();
  const load = async (path: string): Promise<LoadedAdapter> => {
    const { hash, factors } = await readAdapter(path, model);
    return { hash, inputs: loraInputs(shape, factors) };
  };
  return {
    async get(path) {
      if (path === null) return bare;
      const version = await versionOf(path);
      const found = shelf.get(path);
      const shelved = found?.version === version ? found : { version, adapter: load(path) };
      shelf.delete(path);
      shelf.set(path, shelved);
      for (const oldest of shelf.keys()) {
        if (shelf.size <= loadedMax) break;
        shelf.delete(oldest);
      }
      try {
        return await shelved.adapter;
      } catch (error) {
        if (shelf.get(path) === shelved) shelf.delete(path);
        throw error;
      }
    },
    size: () => shelf.size,
  };
}

/** Changes when the file is replaced or rewritten. */
async function versionOf(path: string): Promise<string> {
  try {
    const found = await stat(path);
    // A device or a pipe may never end.
    if (!found.isFile()) throw new RangeError('it is no file');
    const { ino, size, mtimeMs } = found;
    return `${ino}/${size}/${mtimeMs}`;
  } catch (cause) {
    throw new AdapterError('ADAPTER_NOT_FOUND', `${path} cannot be read. Name an adapter file that exists.`, {
      facts: { path },
      cause,
    });
  }
}

/** Factors of rank 0, which add nothing and cost next to nothing. */
function noFactors(shape: LlamaShape): Record<string, Tensor> {
  return Object.fromEntries(
    FACTOR_NAMES.map((name) => {
      const [layers, rows, columns] = factorDims({ ...shape, loraRank: 0 }, name);
      return [`lora_${name}`, new Tensor('float32', new Float32Array(0), [layers, rows, columns])];
    }),
  );
}

/** Factors as the graph's inputs. */
export function loraInputs(shape: LlamaShape, factors: LoraFactors): Record<string, Tensor> {
  return Object.fromEntries(
    FACTOR_NAMES.map((name) => [`lora_${name}`, new Tensor('float32', factors[name], [...factorDims(shape, name)])]),
  );
}
