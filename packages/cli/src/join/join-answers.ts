/**
 * What a node that is to be joined answers, read as what a stranger wrote: every field is looked at before it is used. Owns shapes alone;
 * what is believed of them is join-network.ts's.
 */
import { type Genesis, genesisHash, type Hash, isHex, parseGenesis, SynodError } from '@synod/chain';
import { isAddress } from '../settings/p2p-settings.ts';

const HASH_BYTES = 32;
/** Taken from one node: it says what it likes. */
export const ADDRESSES_MAX = 64;

/** Throws `GENESIS_INVALID` for what is no genesis document, or another than the one it is said to be. */
export function readGenesisAnswer(answer: unknown, url: string): Genesis {
  const { genesisHash: claimed, genesis: document } = fieldsOf(answer);
  const parsed = parseGenesis(document);
  if (!parsed.ok) throw badGenesis(url, parsed.reason);
  if (`0x${genesisHash(parsed.value)}` !== claimed) throw badGenesis(url, 'it does not hash to what the node says');
  return parsed.value;
}

/** Hash of the block that was asked for. Throws `RPC_RESPONSE_INVALID`. */
export function readBlockHash(answer: unknown, url: string): Hash {
  const { hash } = fieldsOf(answer);
  const digits = typeof hash === 'string' && hash.startsWith('0x') ? hash.slice(2) : '';
  if (isHex(digits, HASH_BYTES)) return digits as Hash;
  throw new SynodError(
    'RPC_RESPONSE_INVALID',
    `${url} answers with a block that has no hash. Join through another node.`,
    {
      facts: { url },
    },
  );
}

/** Addresses that can be dialled, each once, at most 64; whatever else is told is left out. */
export function readAddresses(answer: unknown): readonly string[] {
  const { own, others } = fieldsOf(answer);
  const told = [own, others].flatMap((list) =>
    Array.isArray(list) ? (list as unknown[]).slice(0, ADDRESSES_MAX) : [],
  );
  const usable = told.filter((one): one is string => typeof one === 'string' && isAddress(one));
  return [...new Set(usable)].slice(0, ADDRESSES_MAX);
}

function fieldsOf(answer: unknown): Readonly<Record<string, unknown>> {
  return answer !== null && typeof answer === 'object' ? (answer as Readonly<Record<string, unknown>>) : {};
}

function badGenesis(where: string, reason: string): SynodError {
  return new SynodError('GENESIS_INVALID', `${where} has no usable genesis document: ${reason}. Join another node.`, {
    facts: { where },
  });
}
