/**
 * The state of an interrupted training on disk. Owns the file: written whole or not at all, checked by hash, refused when it
 * belongs to another training.
 *
 * magic "SYNTRAIN" · SHA-256 of the rest · SHA-256 that names the training · uint32 steps · float32 arrays: for each
 * trained factor its values, first and second moments, in the order of `FACTOR_NAMES`. Little-endian.
 */
import { createHash } from 'node:crypto';
import { open, rm, stat } from 'node:fs/promises';
import type { FactorName } from '../adapters/lora-factors.ts';
import { writeWhole } from '../files/whole-file.ts';
import { TrainingError } from './errors.ts';
import { limits } from './limits.ts';
import type { OptimiserState } from './optimiser.ts';

const MAGIC = Buffer.from('SYNTRAIN', 'latin1');
const HASH_BYTES = 32;
const HEAD_BYTES = MAGIC.length + 2 * HASH_BYTES + 4;

/** Replaces the checkpoint at `path`. `identity` is 64 hex digits that stand for model, data and settings. Errors: DISK_FULL. */
export async function saveCheckpoint(path: string, identity: string, state: OptimiserState): Promise<void> {
  const arrays = arraysOf(state);
  const steps = Buffer.alloc(4);
  steps.writeUInt32LE(state.steps);
  const rest = Buffer.concat([
    Buffer.from(identity, 'hex'),
    steps,
    ...arrays.map((values) => Buffer.from(values.buffer, values.byteOffset, values.byteLength)),
  ]);
  await writeWhole(path, Buffer.concat([MAGIC, sha256(rest), rest]));
}

/**
 * Fills `state` with what the file holds. Returns false when there is no file. Errors: TRAINING_CHECKPOINT, after which
 * `state` is untouched.
 */
export async function loadCheckpoint(path: string, identity: string, state: OptimiserState): Promise<boolean> {
  const bytes = await readBounded(path);
  if (bytes === undefined) return false;
  const rest = bytes.subarray(MAGIC.length + HASH_BYTES);
  const whole =
    bytes.length >= HEAD_BYTES &&
    bytes.subarray(0, MAGIC.length).equals(MAGIC) &&
    bytes.subarray(MAGIC.length, MAGIC.length + HASH_BYTES).equals(sha256(rest));
  if (!whole) throw unusable(path, 'is damaged');
  if (rest.toString('hex', 0, HASH_BYTES) !== identity) throw unusable(path, 'belongs to another training');
  const arrays = arraysOf(state);
  const values = arrays.reduce((sum, { length }) => sum + length, 0);
  if (bytes.length !== HEAD_BYTES + 4 * values) throw unusable(path, 'has another size than this training needs');
  let at = HASH_BYTES + 4;
  for (const array of arrays) {
    for (let i = 0; i < array.length; i++, at += 4) array[i] = rest.readFloatLE(at);
  }
  state.steps = rest.readUInt32LE(HASH_BYTES);
  return true;
}

/** A finished training needs no checkpoint. */
export async function removeCheckpoint(path: string): Promise<void> {
  await rm(path, { force: true });
}

function arraysOf({ factors, moments }: OptimiserState): Float32Array[] {
  return (Object.keys(moments) as FactorName[]).flatMap((name) => {
    const { first, second } = moments[name]!;
    return [factors[name], first, second];
  });
}

async function readBounded(path: string): Promise<Buffer | undefined> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (found === undefined) return undefined;
  if (found.size > limits.checkpointBytesMax) throw unusable(path, 'is too large');
  const handle = await open(path, 'r');
  try {
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

function unusable(path: string, problem: string): TrainingError {
  return new TrainingError(
    'TRAINING_CHECKPOINT',
    `The checkpoint ${path} ${problem}. Remove it to train from the beginning, or name another.`,
    { facts: { path } },
  );
}
