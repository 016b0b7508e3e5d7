/**
 * `spend-keys.json` in a node's home: the books of its spend keys, readable by its owner alone. Owns the file's form and its checked
 * reading; a key itself is never in it, only its hash.
 */
import { join } from 'node:path';
import { parseAddress, SynodError } from '@synod/chain';
import { z } from 'zod';
import { readJson, requireOwnerOnly, writeJsonAtomic } from '../files/write-file.ts';
import type { SpendKey } from './ledger.ts';

export type SpendFile = {
  load(): readonly SpendKey[] /** On disk when it returns. */;
  save(keys: readonly SpendKey[]): void;
};

const Amount = z
  .string()
  .regex(/^\d{1,20}$/)
  .transform(BigInt);
const Hash = z.string().regex(/^[0-9a-f]{64}$/);
const Height = z.int().min(0);
const Time = z.int().min(0);

const Key = z.strictObject({
  id: z.string().min(1).max(64),
  name: z.string().max(64),
  hash: Hash,
  account: z.string().refine((text) => parseAddress(text).ok),
  budget: Amount,
  spent: Amount,
  reservations: z.array(
    z.strictObject({
      queryId: Hash,
      validUntil: Height,
      amount: Amount,
      cancelFeeMax: Amount,
      cancel: z.strictObject({ id: Hash, validUntil: Height }).nullable(),
    }),
  ),
  paid: z.array(Hash).default([]),
  feedback: z
    .array(
      z.strictObject({
        queryId: Hash,
        id: Hash,
        content: Hash,
        raw: z.string().regex(/^([0-9a-f]{2})+$/),
        validUntil: Height,
        amount: Amount,
        deposit: Amount,
        isTaken: z.boolean(),
      }),
    )
    .default([]),
  createdAtMs: Time,
  expiresAtMs: Time.nullable(),
  revokedAtMs: Time.nullable(),
});

const Books = z.strictObject({ formatVersion: z.literal(1), keys: z.array(Key) });

const NEXT = 'Move it away; then restore a backup, or make new keys.';

/** Its name in a home. */
export const SPEND_FILE = 'spend-keys.json';

/** The file of a home; nothing is read or written before it is asked. */
export function spendFileOf(home: string): SpendFile {
  const file = join(home, SPEND_FILE);
  return {
    load() {
      const found = readJson(file, NEXT);
      if (found === null) return [];
      requireOwnerOnly(file);
      return parseBooks(found, file);
    },
    save: (keys) => writeJsonAtomic(file, { formatVersion: 1, keys }, 'secret'),
  };
}

/** The books of a parsed file, which `file` names in errors. Throws `FILE_DAMAGED`. */
export function parseBooks(found: unknown, file: string): readonly SpendKey[] {
  const books = Books.safeParse(found);
  if (books.success) return books.data.keys as unknown as readonly SpendKey[];
  const [issue] = books.error.issues;
  throw new SynodError(
    'FILE_DAMAGED',
    `${file}: "${issue?.path.join('.')}" is not as it was written (${issue?.message}). ${NEXT}`,
    { facts: { file } },
  );
}

/** The books in the bytes of a file elsewhere. Throws `FILE_DAMAGED`. */
export function decodeBooks(bytes: Uint8Array, file: string): readonly SpendKey[] {
  return parseBooks(parseJson(bytes), file);
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return null;
  }
}
