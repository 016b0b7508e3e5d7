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

/** A write did not become durable: nothing further may be written. */
export function writeFailed(directory: string, cause: unknown): SynodError {
  return new SynodError(
    'STORE_WRITE_FAILED',
    `The database in ${directory} could not be written: ${reasonOf(cause)}. ` +
      'Free disk space or check the disk, then start the node again.',
    { facts: { directory: directory }, cause },
  );
}
