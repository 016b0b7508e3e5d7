/**
 * What a state record says, for people. Owns the choice of codec by the key's first part; kinds without words here are shown
 * as bytes.
 */
import {
  type Decoded,
  decodeAccount,
  decodeDelegation,
  decodeExpert,
  decodeReputation,
  decodeStakePool,
  decodeU64,
  formatSyn,
  toHex,
} from '@synod/chain';
import { plainText } from '../terminal/plain-text.ts';
import { scoreText } from './describe.ts';

/** Name and text of each line. */
export type RecordLines = readonly (readonly [string, string])[];

/** What absence means, for kinds where it means more than that. */
const ABSENT: Readonly<Record<string, string>> = {
  account: 'no record: the balance is 0 SYN',
  expert: 'no expert is registered at this address',
  reputation: 'no answers were judged: the reputation is the prior, mean 0.500',
  pool: 'this address never made a validator',
  delegation: 'no stake of this delegator in this pool',
};

/** The lines of a record; `value` null where its absence is proven. */
export function recordLines(key: string, value: Uint8Array | null): RecordLines {
  const kind = key.split('/')[0] ?? '';
  if (value === null) return [['absent', ABSENT[kind] ?? 'no record']];
  return READERS[kind]?.(value) ?? [['value', `0x${toHex(value)}`]];
}

const READERS: Readonly<Record<string, (value: Uint8Array) => RecordLines | null>> = {
  account: reader(decodeAccount, ({ balance }) => [['balance', formatSyn(balance)]]),
  expert: reader(decodeExpert, ({ profile, bond, registeredAt }) => [
    ['expert', profile.name],
    ['domain', profile.domain],
    ['model', `${plainText(profile.modelName)}  0x${profile.modelId}`],
    ['operator', profile.operator],
    ['bond', formatSyn(bond)],
    ['since', `block ${registeredAt}`],
  ]),
  reputation: reader(decodeReputation, ({ alpha, beta, answers, updatedAt }) => [
    ['mean', scoreText(Math.floor((alpha * 1_000_000) / (alpha + beta)))],
    ['answers', `${answers}, the last judged in block ${updatedAt}`],
  ]),
  pool: reader(decodeStakePool, ({ status, tokens, commission, jailedAt }) => [
    ['status', jailedAt > 0 ? `${status} (last jailed in block ${jailedAt})` : status],
    ['stake', formatSyn(tokens)],
    ['commission', scoreText(commission)],
  ]),
  delegation: reader(decodeDelegation, ({ shares }) => [['shares', shares.toString()]]),
  fee: reader(decodeU64, (fee) => [['base fee', `${fee} nano per byte`]]),
  head: reader(decodeU64, (height) => [['head', `block ${height}`]]),
};

/** Null where the bytes are no such record: they are then shown as they are. */
function reader<T>(decode: (bytes: Uint8Array) => Decoded<T>, lines: (value: T) => RecordLines) {
  return (value: Uint8Array): RecordLines | null => {
    const decoded = decode(value);
    return decoded.ok ? lines(decoded.value) : null;
  };
}
