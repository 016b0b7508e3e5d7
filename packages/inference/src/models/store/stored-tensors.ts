/**
 * Which tensors a model folder's weights file holds and where. Owns reading them back from the generation graph, so that
 * further graphs can be built over the same bytes without a second copy.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ModelError } from '../errors.ts';
import { decodeInitialisers, type InitialiserMessage, TENSOR_TYPE_CODE, type TensorType } from '../onnx/schema.ts';
import type { StoredTensor } from '../onnx/weight-file.ts';

/** Every tensor that `generate.onnx` of `directory` takes from a file, by name. Errors: MODEL_NOT_FOUND, MODEL_FORMAT. */
export async function readStoredTensors(directory: string): Promise<ReadonlyMap<string, StoredTensor>> {
  const path = join(directory, 'generate.onnx');
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new ModelError('MODEL_NOT_FOUND', `There is no generation graph at ${path}. Name a model folder.`, {
      facts: { path },
      cause,
    });
  });
  try {
    const external = decodeInitialisers(bytes).filter((tensor) => tensor.dataLocation === 1);
    return new Map(external.map((tensor) => [tensor.name, storedTensor(tensor)]));
  } catch (cause) {
    throw new ModelError(
      'MODEL_FORMAT',
      `${path} is not a graph that this version builds. Remove the model folder so that it is made again.`,
      { facts: { path }, cause },
    );
  }
}

function storedTensor({ name, dims, dataType, externalData = [] }: InitialiserMessage): StoredTensor {
  const data = new Map(externalData.map(({ key, value }) => [key, value]));
  const type = Object.entries(TENSOR_TYPE_CODE).find(([, code]) => code === dataType)?.[0];
  const location = data.get('location');
  if (type === undefined || location === undefined) throw new RangeError(`${name} names no stored tensor`);
  const [offset, bytes] = [Number(data.get('offset')), Number(data.get('length'))];
  return { name, type: type as TensorType, dims, location, offset, bytes };
}
