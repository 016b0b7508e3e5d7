/**
 * The file that carries signing records between homes (keys §4): JSON in the shape of EIP-3076, with Tendermint's slots in the place of
 * slots and epochs. Owns the format and what is believed of a file; what a record does to a sign state is the node's.
 */
import { isHex, SynodError } from '@synod/chain';
import type { OwnMessage, SigningRecord } from '@synod/node/signing';

export type ProtectionFile = {
  readonly chainId: string;
  readonly genesisHash: string;
  readonly keys: readonly { readonly publicKey: string; readonly record: SigningRecord }[];
};

const FORMAT = 'synod-tendermint';
const FORMAT_VERSION = '1';
const limits = { keys: 1_000, entries: 10_000, round: 2 ** 32 - 2, extensionBytes: 1024 * 1024 } as const;
const STEPS = ['propose', 'prevote', 'precommit'] as const;

/** The document. `complete` tells every message of the last height with its signature, else the height alone. */
export function protectionToJson({ chainId, genesisHash, keys }: ProtectionFile, form: 'complete' | 'minimal'): object {
  return {
    metadata: {
      interchange_format: FORMAT,
      interchange_format_version: FORMAT_VERSION,
      chain_id: chainId,
      genesis_hash: `0x${genesisHash}`,
    },
    data: keys.map(({ publicKey, record: { height, messages } }) => ({
      pubkey: `0x${publicKey}`,
      signed:
        form === 'minimal' || messages.length === 0
          ? [{ height: String(height) }]
          : messages.map((message) => messageToJson(message, height)),
    })),
  };
}

function messageToJson(message: OwnMessage, height: number): object {
  const { round, step, polRound, blockId, signature, extension } = message;
  return {
    height: String(height),
    round: String(round),
    step,
    ...(step === 'propose' ? { pol_round: String(polRound) } : {}),
    block_hash: blockId === null ? null : `0x${blockId}`,
    signature: `0x${signature}`,
    ...(extension === null
      ? {}
      : { extension: { bytes: `0x${extension.bytes}`, signature: `0x${extension.signature}` } }),
  };
}

/**
 * Reads a document: per key the messages of the highest height it names. An entry that names a height without more, or that has no
 * signature, forbids its whole height. Throws `PROTECTION_FILE_INVALID`, naming the member.
 */
export function parseProtection(value: unknown, name: string): ProtectionFile {
  const at = (path: string): Source => ({ name, path, value: undefined });
  const top = object({ ...at('it'), value });
  const metadata = object(member(top, 'metadata', at('')));
  if (metadata['interchange_format'] !== FORMAT)
    throw invalid(
      at('metadata.interchange_format'),
      `"${FORMAT}"; records of other chains' software mean nothing here`,
    );
  if (metadata['interchange_format_version'] !== FORMAT_VERSION)
    throw invalid(at('metadata.interchange_format_version'), `"${FORMAT_VERSION}"`);
  const data = list(member(top, 'data', at('')), limits.keys);
  const found = new Map<string, Entry[]>();
  for (const item of data) {
    const key = object(item);
    const publicKey = hex(member(key, 'pubkey', item), 32);
    const entries = list(member(key, 'signed', item), limits.entries).map(entryOf);
    found.set(publicKey, [...(found.get(publicKey) ?? []), ...entries]);
  }
  return {
    chainId: text({ ...at('metadata.chain_id'), value: metadata['chain_id'] }),
    genesisHash: hex({ ...at('metadata.genesis_hash'), value: metadata['genesis_hash'] }, 32),
    keys: [...found].flatMap(([publicKey, entries]) => {
      const record = newestOf(entries);
      return record === null ? [] : [{ publicKey, record }];
    }),
  };
}

/** Null message: nothing of the height. */
type Entry = { readonly height: number; readonly message: OwnMessage | null };

function newestOf(entries: readonly Entry[]): SigningRecord | null {
  const height = entries.reduce((most, entry) => Math.max(most, entry.height), 0);
  if (height === 0) return null;
  const messages = entries.flatMap((entry) => (entry.height === height ? [entry.message] : []));
  const whole = messages.filter((message) => message !== null);
  return { height, messages: whole.length === messages.length ? whole : [] };
}

function entryOf(item: Source): Entry {
  const entry = object(item);
  const height = number(member(entry, 'height', item), Number.MAX_SAFE_INTEGER);
  if (height === 0) throw invalid(member(entry, 'height', item), 'at least "1"');
  if (entry['round'] === undefined && entry['step'] === undefined) return { height, message: null };
  const step = STEPS.find((one) => one === entry['step']);
  if (step === undefined) throw invalid(member(entry, 'step', item), `one of ${STEPS.join(', ')}`);
  const round = number(member(entry, 'round', item), limits.round);
  const polRound = step === 'propose' ? polRoundOf(member(entry, 'pol_round', item), round) : -1;
  const blockId = entry['block_hash'] === null ? null : hex(member(entry, 'block_hash', item), 32);
  if (step === 'propose' && blockId === null) throw invalid(member(entry, 'block_hash', item), 'a hash, of a proposal');
  const isExtended = step === 'precommit' && blockId !== null;
  // Without what peers would check it by, the message cannot be told again: it only forbids.
  if (entry['signature'] === undefined || (isExtended && entry['extension'] === undefined))
    return { height, message: null };
  const signature = hex(member(entry, 'signature', item), 64);
  const extension = isExtended ? extensionOf(member(entry, 'extension', item)) : null;
  return { height, message: { round, step, polRound, blockId, signature, extension } };
}

function extensionOf(source: Source): OwnMessage['extension'] {
  const value = object(source);
  const bytes = text(member(value, 'bytes', source));
  const isHexadecimal = /^0x([0-9a-f]{2})*$/.test(bytes) && bytes.length <= 2 * limits.extensionBytes;
  if (!isHexadecimal) throw invalid(member(value, 'bytes', source), 'hexadecimal digits after 0x');
  return { bytes: bytes.slice(2), signature: hex(member(value, 'signature', source), 64) };
}

/** A value with where it stands. */
type Source = { readonly name: string; readonly path: string; readonly value: unknown };

function member(value: Readonly<Record<string, unknown>>, key: string, { name, path }: Source): Source {
  return { name, path: path === '' ? key : `${path}.${key}`, value: value[key] };
}

function object(source: Source): Readonly<Record<string, unknown>> {
  const { value } = source;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw invalid(source, 'an object');
}

function list(source: Source, max: number): readonly Source[] {
  const { value, name, path } = source;
  if (!Array.isArray(value) || value.length > max) throw invalid(source, `a list of at most ${max}`);
  return value.map((item: unknown, index) => ({ name, path: `${path}[${index}]`, value: item }));
}

function text(source: Source): string {
  if (typeof source.value === 'string') return source.value;
  throw invalid(source, 'text');
}

function number(source: Source, max: number): number {
  const digits = text(source);
  const value = /^(0|[1-9]\d{0,15})$/.test(digits) ? Number(digits) : Number.NaN;
  if (value <= max) return value;
  throw invalid(source, `a whole number up to ${max}, in quotes`);
}

function polRoundOf(source: Source, round: number): number {
  if (source.value === '-1') return -1;
  const value = number(source, limits.round);
  if (value < round) return value;
  throw invalid(source, 'a round before its own, or "-1"');
}

function hex(source: Source, bytes: number): string {
  const digits = text(source);
  if (digits.startsWith('0x') && isHex(digits.slice(2), bytes)) return digits.slice(2);
  throw invalid(source, `0x and ${2 * bytes} hexadecimal digits`);
}

function invalid({ name, path }: Source, expected: string): SynodError {
  return new SynodError(
    'PROTECTION_FILE_INVALID',
    `${name} is no signing record: "${path}" must be ${expected}. Export it again where the key signed:  synod slashing-protection export --home FOLDER`,
    { facts: { file: name, member: path } },
  );
}
