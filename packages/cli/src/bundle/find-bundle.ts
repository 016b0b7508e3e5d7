/**
 * Finds the bundle of a checkout, if it is of the very files that lie there now. Owns where bundles are and what makes one stale;
 * make-bundle.ts makes them. Loads nothing but Node's own modules, because every command passes here.
 */
import { createHash } from 'node:crypto';
import { readFileSync, statSync, utimesSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Of the checkout that this file lies in. */
export const ROOT: string = resolve(import.meta.dirname, '../../../..');
export const BUNDLE_ENTRY = 'command-line.js';
const FORMAT_VERSION = 1;

/** Size and times of change of a file, in milliseconds. A write or a rename changes `ctimeMs`, whatever sets the other time back. */
export type FileState = readonly [size: number, mtimeMs: number, ctimeMs: number];

/** What `current.json` says: the folder of the newest bundle, and every file that it was made of or consists of. */
export type BundleRecord = {
  readonly formatVersion: typeof FORMAT_VERSION;
  readonly folder: string;
  readonly files: readonly (readonly [path: string, ...FileState])[];
};

/** The folder of all bundles of the checkout at `root`, for this version of Node. */
export function bundlesOf(root: string, directory: string): string {
  const { version, platform, arch } = process;
  const key = createHash('sha256').update([root, version, platform, arch].join('\0')).digest('hex');
  return join(directory, key.slice(0, 16));
}

/** The file to import, or null where the sources have to be run: no bundle, or any file was changed, moved or replaced since. */
export function findBundle(root: string, directory: string): string | null {
  const bundles = bundlesOf(root, directory);
  const record = readRecord(join(bundles, 'current.json'));
  if (record === null || record.files.some(([path, ...state]) => !isSame(stateOf(path), state))) return null;
  const folder = join(bundles, record.folder);
  markUsed(folder);
  return join(folder, BUNDLE_ENTRY);
}

/** Null where there is no such file. */
export function stateOf(path: string): FileState | null {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? null : [stats.size, stats.mtimeMs, stats.ctimeMs];
}

export function recordOf(folder: string, states: ReadonlyMap<string, FileState>): BundleRecord {
  return {
    formatVersion: FORMAT_VERSION,
    folder,
    files: [...states].map(([path, state]) => [path, ...state] as const),
  };
}

function isSame(now: FileState | null, then: FileState): boolean {
  return now?.every((value, index) => value === then[index]) === true;
}

/** Null also for a record that is damaged or of another version: the sources run, and the next bundle replaces it. */
function readRecord(file: string): BundleRecord | null {
  try {
    const record = JSON.parse(readFileSync(file, 'utf8')) as BundleRecord | null;
    const isWhole =
      record?.formatVersion === FORMAT_VERSION &&
      typeof record.folder === 'string' &&
      Array.isArray(record.files) &&
      record.files.every((each) => Array.isArray(each) && typeof each[0] === 'string');
    return isWhole ? record : null;
  } catch {
    return null;
  }
}

/** So that a bundle in use is not removed as an old one. A cache that may only be read is never cleaned either. */
function markUsed(folder: string): void {
  try {
    utimesSync(folder, new Date(), new Date());
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && ['EACCES', 'EPERM', 'EROFS'].includes(String(error.code))))
      throw error;
  }
}
