/**
 * Writes and reads model.json and computes what it stands for. Owns its canonical bytes (JSON with sorted keys and no
 * spaces), whose SHA-256 is the model's hash.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeWhole } from '../../files/whole-file.ts';
import { ModelError } from '../errors.ts';
import type { ModelManifest } from '../manifest.ts';

export const MANIFEST_FILE = 'model.json';

/** Every file that a model folder must list. */
export const MODEL_FILES = [
  'embed-tokenizer.json',
  'embed-tokenizer_config.json',
  'embed.onnx',
  'generate.onnx',
  'tokenizer.json',
  'tokenizer_config.json',
  'weights.bin',
] as const;

const MANIFEST_BYTES_MAX = 1 << 20;

/** Lists the files of `directory` and writes its model.json. Returns the model's hash. */
export async function writeManifest(
  directory: string,
  about: Omit<ModelManifest, 'formatVersion' | 'files'>,
): Promise<string> {
  const names = (await readdir(directory)).filter((name) => name !== MANIFEST_FILE).sort();
  const files: ModelManifest['files'][number][] = [];
  for (const path of names) {
    const { size } = await stat(join(directory, path));
    files.push({ path, bytes: size, sha256: await sha256OfFile(join(directory, path)) });
  }
  const manifest: ModelManifest = { formatVersion: 1, ...about, files };
  await writeWhole(join(directory, MANIFEST_FILE), canonicalJson(manifest));
  return manifestHash(manifest);
}

/** Reads model.json. Errors: MODEL_NOT_FOUND, MODEL_FORMAT. */
export async function readManifest(directory: string): Promise<ModelManifest> {
  const path = join(directory, MANIFEST_FILE);
  const text = await readText(path, directory);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw formatError(path, 'it is not JSON', cause);
  }
  const problem = manifestProblem(value);
  if (problem !== undefined) throw formatError(path, problem);
  return value as ModelManifest;
}

/** SHA-256 of the canonical bytes, 64 hex digits. */
export function manifestHash(manifest: ModelManifest): string {
  return createHash('sha256').update(canonicalJson(manifest)).digest('hex');
}

/** SHA-256 of a file's bytes, 64 hex digits, read as a stream. */
export async function sha256OfFile(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20, ...(signal && { signal }) })) {
    hash.update(chunk as Buffer);
  }
  return hash.digest('hex');
}

async function readText(path: string, directory: string): Promise<string> {
  try {
    if ((await stat(path)).size > MANIFEST_BYTES_MAX) throw formatError(path, 'it is far too large');
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof ModelError) throw cause;
    throw new ModelError(
      'MODEL_NOT_FOUND',
      `There is no model in ${directory}: ${MANIFEST_FILE} cannot be read. Name a folder that holds one, or use --model default or --model tiny.`,
      { facts: { directory }, cause },
    );
  }
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    item !== null && typeof item === 'object' && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}

const SHAPE_FIELDS = [
  'layers',
  'hidden',
  'feedForward',
  'heads',
  'keyValueHeads',
  'headSize',
  'vocabulary',
  'contextTokens',
  'ropeTheta',
  'normEpsilon',
  'loraRank',
  'beginToken',
  'endToken',
  'parameters',
] as const;

/** What is wrong with a parsed model.json, if anything. */
function manifestProblem(value: unknown): string | undefined {
  if (!isRecord(value)) return 'it is not an object';
  if (value['formatVersion'] !== 1) return 'its formatVersion is not 1';
  for (const field of ['name', 'licence', 'source']) {
    if (typeof value[field] !== 'string') return `${field} is missing`;
  }
  const { architecture, embedder, files } = value;
  const missing = isRecord(architecture)
    ? SHAPE_FIELDS.find((field) => !isUsable(field, architecture[field]))
    : 'all of it';
  if (missing !== undefined) return `architecture lacks a usable ${missing}`;
  if (!isRecord(embedder) || !isSize(embedder['dimensions']) || !isSize(embedder['tokensMax'])) {
    return 'embedder is missing';
  }
  return Array.isArray(files) ? filesProblem(files) : 'files is missing';
}

function filesProblem(files: readonly unknown[]): string | undefined {
  const paths: unknown[] = [];
  for (const file of files) {
    if (!isRecord(file) || !isNumber(file['bytes']) || !/^[0-9a-f]{64}$/.test(String(file['sha256']))) {
      return 'an entry of files lacks bytes or sha256';
    }
    if (typeof file['path'] !== 'string' || !/^[\w-][\w.-]*$/.test(file['path'])) {
      return 'an entry of files names no plain file';
    }
    paths.push(file['path']);
  }
  const absent = MODEL_FILES.find((name) => !paths.includes(name));
  return absent === undefined ? undefined : `files does not list ${absent}`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

const MEASURES: readonly string[] = ['ropeTheta', 'normEpsilon'];
const COUNTS_FROM_ZERO: readonly string[] = ['loraRank', 'beginToken', 'endToken', 'parameters'];
const SIZE_MAX = 2 ** 31;

/** Two numbers of the shape measure something, a few may be zero, the rest are sizes. */
function isUsable(field: string, value: unknown): boolean {
  if (MEASURES.includes(field)) return isNumber(value);
  return COUNTS_FROM_ZERO.includes(field) ? isNumber(value) && Number.isSafeInteger(value) : isSize(value);
}

function isSize(value: unknown): boolean {
  return isNumber(value) && Number.isSafeInteger(value) && value > 0 && value < SIZE_MAX;
}

function formatError(path: string, problem: string, cause?: unknown): ModelError {
  return new ModelError(
    'MODEL_FORMAT',
    `${path} is no model manifest: ${problem}. Remove the folder so that it is made again, or name another with --model.`,
    { facts: { path }, cause },
  );
}
