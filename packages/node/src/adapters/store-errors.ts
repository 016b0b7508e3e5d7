/** What a person reads when the database cannot be used. Owns the words and the codes; who throws them is the store's business. */
import { SynodError } from '@synod/chain';

/** Another process has it open. */
export function inUse(directory: string, cause: unknown): SynodError {
  return new SynodError(
    'DATA_DIR_IN_USE',
    `Another process has the database in ${directory} open. Stop that node first, or name another folder.`,
    { facts: { directory }, cause },
  );
}

/** What is on disk is not what was written. */
export function damaged(directory: string, cause: unknown): SynodError {
  return new SynodError(
    'DATABASE_DAMAGED',
    `The database in ${directory} is damaged: ${reasonOf(cause)}. Restore a copy of the data directory, or delete the ` +
      'database (keep the keys and the signing state) and let the node sync again from its peers.',
    { facts: { directory }, ...(cause instanceof Error ? { cause } : {}) },
  );
}

/** The words of an unknown cause. */
export function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/** What the machine, and not what was written, stands in the way with: a database that could not be opened for it is as it was. */
const MACHINE =
  /no space left|disk quota|read-only file system|permission denied|too many open files|input\/output error/i;

/** What opening, reading or rewriting a database came to: in use, out of the machine's means, or damaged. */
export function databaseFailed(directory: string, error: unknown): SynodError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (cause instanceof Error && 'code' in cause && cause.code === 'LEVEL_LOCKED') return inUse(directory, cause);
  return MACHINE.test(reasonOf(cause)) ? writeFailed(directory, cause) : damaged(directory, cause);
}

/** A write did not become durable: nothing further may be written. */
export function writeFailed(directory: string, cause: unknown): SynodError {
  return new SynodError(
    'STORE_WRITE_FAILED',
    `The database in ${directory} could not be written: ${reasonOf(cause)}. ` +
      'Free disk space or check the disk, then start the node again.',
    { facts: { directory: directory }, cause },
  );
}
