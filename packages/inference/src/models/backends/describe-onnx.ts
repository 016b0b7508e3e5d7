/**
 * Recognises a folder in the form in which model hubs publish ONNX causal models. Owns which files and numbers it must have; running it
 * is engine/backends.
 */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ModelError } from '../errors.ts';
import { sha256OfFile } from '../store/manifest-file.ts';
import type { ForeignBackend } from './backend-file.ts';

/** In order of preference: 32-bit first, because not every CPU computes with 16 bits. */
export const GRAPH_NAMES = [
  'onnx/model.onnx',
  'model.onnx',
  'onnx/model_fp16.onnx',
  'onnx/model_quantized.onnx',
] as const;

const REQUIRED = ['config.json', 'tokenizer.json', 'tokenizer_config.json'] as const;
const CONFIG_BYTES_MAX = 1 << 20;

/** Errors: MODEL_NOT_FOUND for a missing file, MODEL_FORMAT for one that does not fit. */
export async function describeOnnx(folder: string, helper: string): Promise<ForeignBackend> {
  for (const name of REQUIRED) if (!(await exists(join(folder, name)))) throw missing(folder, name);
  const config = await readConfig(join(folder, 'config.json'));
  const graph = await firstGraph(folder);
  const number = (names: readonly string[], otherwise?: number): number => {
    const value = names.map((name) => config[name]).find((found) => found !== undefined && found !== null) ?? otherwise;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value;
    throw new ModelError('MODEL_FORMAT', `${folder}/config.json has no usable ${names[0]}. ${WANTED}`, {
      facts: { folder, field: names[0]! },
    });
  };
  const heads = number(['num_attention_heads', 'n_head']);
  return {
    kind: 'onnx',
    name: basename(folder),
    licence: licenceIn(config),
    // Weights take four bytes a number in the form preferred here; the graph's own count would need it to be loaded.
    parameters: 0,
    contextTokens: number(['max_position_embeddings', 'n_positions', 'n_ctx'], 2048),
    helper,
    folder,
    graph,
    layers: number(['num_hidden_layers', 'n_layer']),
    keyValueHeads: number(['num_key_value_heads'], heads),
    headSize: number(['head_dim'], Math.floor(number(['hidden_size', 'n_embd']) / heads)),
    vocabulary: number(['vocab_size']),
    digest: await digestOf(folder, graph),
  };
}

/** A stranger's text on a card: one short line. */
function licenceIn({ license }: Readonly<Record<string, unknown>>): string {
  const text = typeof license === 'string' ? license.replaceAll(/[\p{C}\s]+/gu, ' ').trim() : '';
  return text === '' || text.length > LICENCE_CHARACTERS_MAX ? 'see the model' : text;
}

const LICENCE_CHARACTERS_MAX = 100;

const WANTED =
  'A model folder of this kind holds config.json, tokenizer.json, tokenizer_config.json and onnx/model.onnx of a causal model exported with its key-value cache.';

async function firstGraph(folder: string): Promise<string> {
  for (const name of GRAPH_NAMES) if (await exists(join(folder, name))) return name;
  throw missing(folder, GRAPH_NAMES[0]);
}

async function readConfig(path: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    if ((await stat(path)).size > CONFIG_BYTES_MAX) throw new RangeError('it is far too large');
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (value === null || typeof value !== 'object') throw new RangeError('it is no object');
    return value as Record<string, unknown>;
  } catch (cause) {
    throw new ModelError('MODEL_FORMAT', `${path} is no model configuration. ${WANTED}`, { facts: { path }, cause });
  }
}

/** External weights are left out: hashing gigabytes at every start would cost more than it protects. */
async function digestOf(folder: string, graph: string): Promise<string> {
  const hash = createHash('sha256');
  for (const name of [...REQUIRED, graph]) hash.update(await sha256OfFile(join(folder, name)));
  return hash.digest('hex');
}

function missing(folder: string, file: string): ModelError {
  return new ModelError('MODEL_NOT_FOUND', `There is no ${file} in ${folder}. ${WANTED}`, { facts: { folder, file } });
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
