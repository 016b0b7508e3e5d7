/**
 * `eth_*` and `net_version`: the few Ethereum calls that stock tools and wallets make before anything else, in 0x hex (spec: rpc §10).
 * Owns that dialect; nothing here signs or sends.
 */
import { addressFromBytes, parseAddress, SynodError } from '@synod/chain';
import { z } from 'zod';
import type { NodeApi } from '../node-api.ts';
import { defineMethod } from './method.ts';

/** A number as Ethereum writes it: 0x, no leading zeros. */
const Quantity = z.string().regex(/^0x(0|[1-9a-f][0-9a-f]*)$/);

const none = z.strictObject({});

export const ethChainId = defineMethod({
  name: 'eth_chainId',
  summary: 'A number for the chain, as tools for Ethereum want it: the first 31 bits of the genesis hash, 0x hex.',
  access: 'read',
  params: none,
  result: Quantity,
  handle: ({ api }) => quantity(chainNumber(api)),
});

export const netVersion = defineMethod({
  name: 'net_version',
  summary: 'The number of eth_chainId in decimal digits.',
  access: 'read',
  params: none,
  result: z.string().regex(/^\d+$/),
  handle: ({ api }) => String(chainNumber(api)),
});

export const ethBlockNumber = defineMethod({
  name: 'eth_blockNumber',
  summary: 'Height of the head, 0x hex.',
  access: 'read',
  params: none,
  result: Quantity,
  handle: ({ api }) => quantity(api.status().head.height),
});

/** 20 bytes in hex, as tools for Ethereum have them, or an address of this chain. */
const AnyAddress = z
  .string()
  .transform((value, context) => {
    if (/^0x[0-9a-fA-F]{40}$/.test(value)) return addressFromBytes(new Uint8Array(Buffer.from(value.slice(2), 'hex')));
    const parsed = parseAddress(value);
    if (parsed.ok) return parsed.value;
    context.addIssue({
      code: 'custom',
      message: `not an account address: ${parsed.reason}`,
      params: { name: 'ADDRESS_INVALID', hint: 'Write it as syn1…, or its 20 bytes as 0x hex.' },
    });
    return z.NEVER;
  })
  .describe('Account address: syn1…, or its 20 bytes as 0x hex.');

export const ethGetBalance = defineMethod({
  name: 'eth_getBalance',
  summary: 'Balance of an account now, in nano (1 SYN = 10^9 nano, not 10^18), 0x hex.',
  access: 'read',
  params: z.strictObject({
    address: AnyAddress,
    block: z.string().max(66).optional().describe('A tag; only the newest block is answered for.'),
  }),
  result: Quantity,
  handle: ({ api }, { address, block = 'latest' }) => {
    if (!isNewest(api, block)) {
      throw new SynodError('NOT_SUPPORTED', 'eth_getBalance tells the newest balance only. Ask for "latest".', {
        facts: { block: block.slice(0, 32), hint: 'Past records have proofs: state_getProof.' },
      });
    }
    return quantity(api.account(address)?.balance ?? 0n);
  },
});

const NEWEST: ReadonlySet<string> = new Set(['latest', 'pending', 'safe', 'finalized']);

function isNewest(api: NodeApi, block: string): boolean {
  return NEWEST.has(block) || block === quantity(api.status().head.height);
}

function chainNumber(api: NodeApi): number {
  return Number.parseInt(api.genesisHash().slice(0, 8), 16) >>> 1;
}

function quantity(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}
