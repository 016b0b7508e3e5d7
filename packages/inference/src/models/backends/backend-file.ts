/**
 * Which kind of model stands behind a folder that a worker is started with. A folder with `model.json` is this project's own
 * (manifest.ts); one with `backend.json` points to something else: an ordinary ONNX model, or a server. Owns that file's shape.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withRoomFor } from '../../files/disk-full.ts';
import { writeWhole } from '../../files/whole-file.ts';
import { ModelError } from '../errors.ts';

export type BackendKind = 'synod' | 'onnx' | 'http';

/** What a foreign model is, and whose embedder (and, for a server, whose judge) serves beside it. */
export type ForeignBackend = {
  readonly name: string;
  readonly licence: string;
  readonly parameters: number;
  readonly contextTokens: number;
  /** A model folder of this project's own. */
  readonly helper: string;
} & (
  | {
      readonly kind: 'onnx';
      readonly folder: string;
      /** Relative to the folder. */
      readonly graph: string;
      readonly layers: number;
      readonly keyValueHeads: number;
      readonly headSize: number;
      readonly vocabulary: number;
      /** SHA-256 of config.json, the tokenizer and the graph file. */
      readonly digest: string;
    }
  /** `url` ends before `/chat/completions`. */
  | { readonly kind: 'http'; readonly url: string; readonly model: string }
);

const BACKEND_FILE = 'backend.json';

/** SHA-256 of what identifies the model; where its files lie on this machine does not count. */
export function backendHash(backend: ForeignBackend): string {
  const { helper: _, ...rest } = backend;
  const identity = rest.kind === 'onnx' ? { ...rest, folder: null } : rest;
  return createHash('sha256')
    .update(JSON.stringify(Object.entries(identity).sort()))
    .digest('hex');
}

/** Writes the folder that stands for `backend` under `parent` and returns it. A worker that reads it meanwhile finds a whole file. */
export async function writeBackend(parent: string, backend: ForeignBackend): Promise<string> {
  const folder = join(parent, `${backend.kind}-${backendHash(backend).slice(0, 12)}`);
  const path = join(folder, BACKEND_FILE);
  await withRoomFor(path, null, () => mkdir(folder, { recursive: true }));
  await writeWhole(path, JSON.stringify(backend));
  return folder;
}

/** The foreign backend that `directory` stands for; undefined where there is no such file. Errors: MODEL_FORMAT. */
export async function readBackend(directory: string): Promise<ForeignBackend | undefined> {
  const path = join(directory, BACKEND_FILE);
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const backend = parsed(text);
  if (backend !== undefined) return backend;
  throw new ModelError('MODEL_FORMAT', `${path} describes no model. Remove it and start again with --model.`, {
    facts: { path },
  });
}

/** Undefined for what this project never wrote. */
function parsed(text: string): ForeignBackend | undefined {
  try {
    const { kind, helper, folder, url, model } = (JSON.parse(text) ?? {}) as Record<string, unknown>;
    const due = kind === 'http' ? [helper, url, model] : kind === 'onnx' ? [helper, folder] : [undefined];
    return due.every((one) => typeof one === 'string') ? (JSON.parse(text) as ForeignBackend) : undefined;
  } catch {
    return undefined;
  }
}
