/**
 * Files that must never be seen half written, and files that only their owner may read.
 */

import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { SynodError } from '@synod/chain';
import { makeDirectory } from '@synod/node/make-directory';
import { toJson } from '../terminal/output.ts';
import { syncFolder } from './sync-tree.ts';

const PUBLIC_MODE = 0o644;
const SECRET_MODE = 0o600;
const GROUP_AND_OTHERS = 0o077;

/** Replaces the file in one step (temporary file, sync, rename, sync), so that readers see the old or the new one. Durable when it returns. */
export function writeJsonAtomic(file: string, value: unknown, access: 'public' | 'secret' = 'public'): void {
  writeFileWhole(file, jsonBytes(value), access === 'secret' ? SECRET_MODE : PUBLIC_MODE);
}

/** Replaces the file by these bytes in one step. Durable when it returns. */
export function writeFileWhole(file: string, bytes: Uint8Array, mode: number = PUBLIC_MODE): void {
  makeDirectory(dirname(file));
  const temporary = `${file}.${process.pid}.tmp`;
  fill(openSync(temporary, 'w', mode), temporary, bytes);
  renameSync(temporary, file);
  syncFolder(dirname(file));
}

/** Creates a file readable by its owner alone. Throws `FILE_EXISTS` rather than overwrite. */
export function createSecretJson(file: string, value: unknown): void {
  if (existsSync(file)) {
    throw new SynodError('FILE_EXISTS', `${file} exists already and may hold a key. Choose another name with --out.`, {
      facts: { file },
    });
  }
  createWhole(file, jsonBytes(value));
}

/** Makes a file that was not there, readable by its owner alone, on disk when it returns. */
export function createWhole(file: string, bytes: Uint8Array): void {
  makeDirectory(dirname(file));
  fill(openSync(file, 'wx', SECRET_MODE), file, bytes);
}

/** The file's JSON, or null when it does not exist; a byte order mark before it is passed over. Throws `FILE_DAMAGED` with `next` as the advice. */
export function readJson(file: string, next: string): unknown {
  if (!existsSync(file)) return null;
  try {
    return JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new SynodError('FILE_DAMAGED', `${file} cannot be read as JSON. ${next}`, { facts: { file }, cause });
  }
}

/** Throws `KEY_FILE_OPEN` when others than the owner may use the file. Windows knows no such modes. */
export function requireOwnerOnly(file: string): void {
  if (process.platform === 'win32' || (statSync(file).mode & GROUP_AND_OTHERS) === 0) return;
  throw new SynodError('KEY_FILE_OPEN', `${file} can be read by others. Close it first:  chmod 600 ${file}`, {
    facts: { file },
  });
}

/**
 * All bytes on disk, or the file is gone again: a full disk must leave nothing that looks like a key or a backup. Throws what the file
 * system throws, with the file's name.
 */
function fill(descriptor: number, file: string, bytes: Uint8Array): void {
  try {
    // One call may write a part only, which is no error.
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
    fsyncSync(descriptor);
  } catch (error) {
    rmSync(file, { force: true });
    throw error instanceof Error ? Object.assign(error, { path: file }) : error;
  } finally {
    closeSync(descriptor);
  }
}

function jsonBytes(value: unknown): Uint8Array {
  return Buffer.from(`${toJson(value)}\n`, 'utf8');
}
