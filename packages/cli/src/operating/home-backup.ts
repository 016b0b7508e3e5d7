/**
 * Which files of a home a backup holds, and how they come back: settings and keys as they were, signing records raised and never lowered,
 * spend keys revoked where nobody knows what they spent since.
 * Owns both ways; the file's format is backup-file.ts, the rule of signing records is the node's.
 */
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { genesisHash, parseGenesis, SynodError } from '@synod/chain';
import { makeDirectory } from '@synod/node/make-directory';
import { listSignStates, raiseSignState, signingRecordOf, systemFiles } from '@synod/node/signing';
import { readJson, writeFileWhole, writeJsonAtomic } from '../files/write-file.ts';
import { readNodeHome } from '../node-home.ts';
import { type MergedBooks, mergeBooks } from '../spending/restore-books.ts';
import { decodeBooks, SPEND_FILE, spendFileOf } from '../spending/spend-file.ts';
import type { Backup, BackupEntry } from './backup-file.ts';

const BACKUP_LIMITS = { fileBytes: 8_000_000, files: 2_000 } as const;

/** What peers give again, what is large, and what belongs to a process that runs. */
const LEFT_OUT = new Set([
  'chain',
  'wal',
  'snapshots',
  'restore',
  'blobs',
  'versions',
  'library',
  'node.lock',
  'admin.json',
]);
const TEMPORARY = /\.(tmp|new|log|pid)$|^\.|\.locked[0-9a-f]*$|\.log\.\d+$/;
const SIGN_STATE = /^sign-state(\.[0-9a-f]{16})?$/;
const SIGN_MARK = /^sign-state.*\.exists$/;

/** Reads everything that goes into the backup. Throws `HOME_INCOMPLETE` and what the files themselves throw. */
export function readHomeForBackup(home: string, madeAt: string): Backup {
  const { node } = readNodeHome(home);
  const genesis = genesisOf(join(home, 'genesis.json'));
  const entries = filesIn(home, home).map((file): BackupEntry => {
    const { size, mode } = lstatSync(file);
    if (size > BACKUP_LIMITS.fileBytes) {
      const message = `${file} is too large for a backup. Move it out of the home, which holds keys and settings.`;
      throw new SynodError('BACKUP_TOO_LARGE', message, { facts: { file } });
    }
    return { path: relative(home, file).replaceAll('\\', '/'), mode: mode & 0o777, bytes: readFileSync(file) };
  });
  return { chainId: genesis.chainId, genesisHash: genesis.hash, name: node.name, madeAt, entries };
}

function filesIn(folder: string, home: string): string[] {
  const files = readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (TEMPORARY.test(entry.name) || (folder === home && LEFT_OUT.has(entry.name))) return [];
    if (entry.isDirectory()) return filesIn(path, home);
    return entry.isFile() ? [path] : [];
  });
  if (files.length <= BACKUP_LIMITS.files) return files.sort();
  throw new SynodError('BACKUP_TOO_LARGE', `${folder} holds too many files for a backup. Is it the home of a node?`);
}

export type Restored = {
  readonly written: readonly string[];
  /** Were there already, the same. */
  readonly unchanged: readonly string[];
  /** Heights of the signing records after the restoration, by file name; `raised` tells whether the backup knew more than the home. */
  readonly signing: readonly { readonly file: string; readonly height: number; readonly raised: boolean }[];
  /** Names of spend keys that only the backup knows: revoked, or going on from what it says they spent. */
  readonly spendKeys: Pick<MergedBooks, 'revoked' | 'trusted'>;
};

export type RestoreOptions = {
  /** Settings and keys that differ are replaced. */
  readonly replace: boolean;
  /** Spend keys that only the backup knows are not revoked. */
  readonly keepSpendKeys: boolean;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
};

/**
 * Puts the backup into the home, which must not be in use. Checks everything before it changes anything. Throws `BACKUP_OTHER_CHAIN`, and
 * `FILE_EXISTS` where files differ and `replace` is not set.
 */
export function restoreHome(backup: Backup, home: string, options: RestoreOptions): Restored {
  requireSameChain(backup, home);
  const plain = backup.entries.filter(
    ({ path }) => !SIGN_STATE.test(path) && !SIGN_MARK.test(path) && path !== SPEND_FILE,
  );
  const books = mergedBooks(backup, home, options);
  const state = (entry: BackupEntry) => {
    const file = join(home, entry.path);
    if (!existsSync(file)) return 'absent';
    return readFileSync(file).equals(entry.bytes) ? 'same' : 'differs';
  };
  const differing = plain.filter((entry) => state(entry) === 'differs').map(({ path }) => path);
  if (differing.length > 0 && !options.replace) {
    const message = `${differing.join(', ')} in ${home} differ from the backup. Restore into an empty folder, or replace them with --yes.`;
    throw new SynodError('FILE_EXISTS', message, { facts: { files: differing.join() } });
  }
  const written = plain.filter((entry) => state(entry) !== 'same');
  // First what forbids signatures, then the keys that could give them.
  const signing = restoreSigning(backup, home);
  noteRestored(home, signing);
  for (const entry of written) writeEntry(home, entry);
  if (books !== null) spendFileOf(home).save(books.keys);
  return {
    written: written.map(({ path }) => path),
    unchanged: plain.filter((entry) => !written.includes(entry)).map(({ path }) => path),
    signing,
    spendKeys: { revoked: books?.revoked ?? [], trusted: books?.trusted ?? [] },
  };
}

/** The books of spend keys as they will be; null where the backup has none. */
function mergedBooks({ entries }: Backup, home: string, options: RestoreOptions): MergedBooks | null {
  const entry = entries.find(({ path }) => path === SPEND_FILE);
  if (entry === undefined) return null;
  const backedUp = decodeBooks(entry.bytes, `${SPEND_FILE} of the backup`);
  return mergeBooks(spendFileOf(home).load(), backedUp, { nowMs: options.nowMs, keep: options.keepSpendKeys });
}

/** What was restored last: a node of this home has to watch before it signs (keys §6). */
const NOTE = 'restored.json';

/** Written where the backup told of signatures that this home did not know: then they were given elsewhere. */
function noteRestored(home: string, signing: Restored['signing']): void {
  const heights = signing.filter(({ raised }) => raised).map(({ height }) => height);
  if (heights.length > 0) writeJsonAtomic(join(home, NOTE), { formatVersion: 1, signedHeight: Math.max(...heights) });
}

/** Up to which height signatures of this home came with a backup; 0 where none did. Throws `FILE_DAMAGED`. */
export function readRestoredHeight(home: string): number {
  const file = join(home, NOTE);
  const next = 'Restore the backup again.';
  const note = readJson(file, next) as { readonly signedHeight?: unknown } | null;
  if (note === null) return 0;
  if (Number.isSafeInteger(note.signedHeight)) return note.signedHeight as number;
  throw new SynodError('FILE_DAMAGED', `${file} names no height. ${next}`, { facts: { file } });
}

function writeEntry(home: string, { path, mode, bytes }: BackupEntry): void {
  const file = join(home, path);
  makeDirectory(home, 0o700);
  makeDirectory(dirname(file));
  writeFileWhole(file, bytes, mode);
  chmodSync(file, mode);
}

/** The records of the backup are read as files of their own, by the code that reads them in a home. */
function restoreSigning({ entries, chainId }: Backup, home: string): Restored['signing'] {
  const folder = mkdtempSync(join(tmpdir(), 'synod-restore-'));
  try {
    for (const { path, bytes } of entries.filter((entry) => SIGN_STATE.test(entry.path))) {
      writeFileSync(join(folder, path), bytes, { mode: 0o600 });
    }
    return listSignStates(folder).map((found) => {
      const file = relative(folder, found.path);
      const record = signingRecordOf(found.state);
      if (found.chainId !== chainId) throw otherChain(found.chainId, home);
      const options = { home, chainId, publicKey: found.publicKey, fallback: join(home, file), files: systemFiles };
      makeDirectory(home, 0o700);
      const raised = record !== null && raiseSignState({ ...options, record });
      const now = listSignStates(home).find(({ publicKey }) => publicKey === found.publicKey);
      return { file, height: now?.state.height ?? 0, raised };
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function requireSameChain({ genesisHash: hash, chainId }: Backup, home: string): void {
  const file = join(home, 'genesis.json');
  if (existsSync(file) && genesisOf(file).hash !== hash) throw otherChain(chainId, home);
}

function otherChain(chainId: string, home: string): SynodError {
  const message = `The backup is of the chain "${chainId}", and ${home} belongs to another. Restore it into a folder of its own.`;
  return new SynodError('BACKUP_OTHER_CHAIN', message, { facts: { home, chainId } });
}

function genesisOf(file: string): { readonly chainId: string; readonly hash: string } {
  const parsed = parseGenesis(readJson(file, "Copy the chain's genesis.json there."));
  if (parsed.ok) return { chainId: parsed.value.chainId, hash: genesisHash(parsed.value) };
  throw new SynodError(
    'GENESIS_INVALID',
    `${file} is no genesis document: ${parsed.reason}. Copy the chain's genesis.json there.`,
  );
}
