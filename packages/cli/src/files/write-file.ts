/**
 * Files that must never be seen half written, and files that only their owner may read.
 */

import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, statSync, writeSync } from 'node:fs';
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
  makeDirectory(dirname(file));
  const temporary = `${file}.${process.pid}.tmp`;
  writeSynced(openSync(temporary, 'w', access === 'secret' ? SECRET_MODE : PUBLIC_MODE), value);
  renameSync(temporary, file);
  syncFolder(dirname(file));
}

/** Replaces the file by these bytes in one step. Durable when it returns. */
export function writeFileWhole(file: string, bytes: Uint8Array): void {
  makeDirectory(dirname(file));
  const temporary = `${file}.${process.pid}.tmp`;
  const descriptor = openSync(temporary, 'w', PUBLIC_MODE);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
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
  makeDirectory(dirname(file));
  writeSynced(openSync(file, 'wx', SECRET_MODE), value);
}

/** The file's JSON, or null when it does not exist. Throws `FILE_DAMAGED` with `next` as the advice. */
export function readJson(file: string, next: string): unknown {
  if (!existsSync(file)) return null;
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
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

function writeSynced(descriptor: number, value: unknown): void {
  try {
    writeSync(descriptor, `${toJson(value)}\n`);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
