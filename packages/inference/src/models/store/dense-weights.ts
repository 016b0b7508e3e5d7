/**
 * A model folder's weights as plain floats, for the training graph. Owns how a matrix is read from the layout that
 * llama-tensors.ts stores: the only place outside the graphs that knows which tensors make a matrix.
 */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { ModelError } from '../errors.ts';
import { readExactly } from '../files/read-exactly.ts';
import { BLOCK_SIZE, type MatrixSize } from '../gguf/blocks.ts';
import { denseMatrix } from '../graphs/corrected-matrix.ts';
import { LAYER_NORMS, LINEARS, type Linear, linearDims } from '../graphs/training/weights.ts';
import type { LlamaShape } from '../manifest.ts';
import type { StoredTensor } from '../onnx/weight-file.ts';
import { readStoredTensors } from './stored-tensors.ts';

/** A float32 tensor. */
export type DenseTensor = { readonly dims: readonly number[]; readonly data: Float32Array };

/** Reads a stored tensor's bytes; fails when the folder has none of that name. */
type ReadTensor = (name: string) => Promise<{ readonly tensor: StoredTensor; readonly bytes: Uint8Array }>;

/**
 * Every weight that the training graph takes, by its input name. Takes four bytes a parameter of memory and reads one
 * stored tensor at a time. Errors: MODEL_NOT_FOUND, MODEL_FORMAT.
 */
export async function readDenseWeights(
  directory: string,
  shape: LlamaShape,
  signal?: AbortSignal,
): Promise<Record<string, DenseTensor>> {
  const tensors = await readStoredTensors(directory);
  const path = join(directory, 'weights.bin');
  const handle = await open(path, 'r').catch((cause: unknown) => {
    throw new ModelError('MODEL_NOT_FOUND', `The weights at ${path} cannot be read. Name a whole model folder.`, {
      facts: { path },
      cause,
    });
  });
  const read: ReadTensor = async (name) => {
    signal?.throwIfAborted();
    const tensor = tensors.get(name);
    if (tensor === undefined) throw unlike(directory, name);
    const bytes = await readExactly(handle, { offset: tensor.offset, length: tensor.bytes, path });
    return { tensor, bytes };
  };
  try {
    const weights: Record<string, DenseTensor> = {};
    weights['embedding'] = await readEmbedding(read);
    for (const name of ['norm', 'rotary.cos', 'rotary.sin']) weights[name] = await readFloats(read, name);
    for (let layer = 0; layer < shape.layers; layer++) {
      for (const norm of LAYER_NORMS) {
        weights[`layer${layer}.${norm}`] = await readFloats(read, `layer${layer}.${norm}`);
      }
      for (const name of LINEARS) {
        weights[`layer${layer}.${name}`] = await readStacked(read, `layer${layer}`, {
          name,
          dims: linearDims(shape, name),
        });
      }
    }
    return weights;
  } finally {
    await handle.close();
  }
}

async function readFloats(read: ReadTensor, name: string): Promise<DenseTensor> {
  const { tensor, bytes } = await read(name);
  return { dims: tensor.dims, data: new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4) };
}

/** Which stored matrices make one of the training graph's, from top to bottom. */
const PARTS: Readonly<Record<Linear, readonly string[]>> = {
  queryKeyValue: ['queryKeyValue'],
  attentionOutput: ['attentionOutput'],
  gateAndUp: ['gate', 'up'],
  down: ['down'],
};

async function readStacked(
  read: ReadTensor,
  layer: string,
  { name, dims: [rows, columns] }: { readonly name: Linear; readonly dims: readonly [number, number] },
): Promise<DenseTensor> {
  const data = new Float32Array(rows * columns);
  const parts = PARTS[name];
  for (const [at, part] of parts.entries()) {
    const size = { rows: rows / parts.length, columns };
    data.set(await readMatrix(read, `${layer}.${part}`, size), at * size.rows * columns);
  }
  return { dims: [rows, columns], data };
}

/** The matrix that a corrected one stands for (corrected-matrix.ts). */
async function readMatrix(read: ReadTensor, name: string, size: MatrixSize): Promise<Float32Array> {
  const codes = (await read(`${name}.codes`)).bytes;
  const scales = (await readFloats(read, `${name}.scales`)).data;
  const zeroPoints = (await read(`${name}.zeroPoints`)).bytes;
  return denseMatrix({ codes, scales, zeroPoints }, size);
}

/** w = scale·(code − 128), row by row. */
async function readEmbedding(read: ReadTensor): Promise<DenseTensor> {
  const { tensor, bytes } = await read('embedding.codes');
  const scales = (await readFloats(read, 'embedding.scales')).data;
  const data = new Float32Array(bytes.length);
  for (let block = 0; block < scales.length; block++) {
    const scale = scales[block]!;
    const end = (block + 1) * BLOCK_SIZE;
    for (let i = block * BLOCK_SIZE; i < end; i++) data[i] = (bytes[i]! - 128) * scale;
  }
  return { dims: [tensor.dims[0]!, data.length / tensor.dims[0]!], data };
}

function unlike(directory: string, name: string): ModelError {
  return new ModelError(
    'MODEL_FORMAT',
    `The generation graph in ${directory} does not refer to ${name}. Adapters can be trained on models that this project converts.`,
    { facts: { directory, tensor: name } },
  );
}
