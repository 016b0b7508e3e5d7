/**
 * Light blocks and headers from a node, for a reader who believes none of it before it is verified. Owns fetching and
 * decoding; a node that answers nonsense is told apart from one that does not have the block.
 */
import {
  type Decoded,
  decodeHeader,
  decodeLightBlock,
  fromHex,
  type Header,
  type Height,
  isHex,
  type LightBlock,
  SynodError,
} from '@synod/chain';
import { createNodeClient } from '../rpc/node-client.ts';

const HEADERS_PER_PAGE = 1_024;

export type LightSource = {
  readonly url: string;
  /** The chain's own trusting period, as this node tells it; null where it does not answer. */
  trustingPeriodMs(): Promise<number | null>;
  /** Null where the node does not have it, or not yet. Throws where it cannot be reached or answers nonsense. */
  lightBlock(height: Height): Promise<LightBlock | null>;
  /** Headers `first` … `last`, or as many from `first` on as the node has. */
  headers(first: Height, last: Height): Promise<readonly Header[]>;
};

export function createLightSource(url: string): LightSource {
  const node = createNodeClient(url);
  return {
    url,
    async trustingPeriodMs() {
      const params = await silentAsNull(node.call('chain_getParams'));
      return params?.staking.trustingPeriodMs ?? null;
    },
    async lightBlock(height) {
      const answer = await absentAsNull(node.call('chain_getLightBlock', { height }));
      return answer === null ? null : decode(url, answer.lightBlock, decodeLightBlock);
    },
    async headers(first, last) {
      const headers: Header[] = [];
      for (let from = first; from <= last; from = first + headers.length) {
        const limit = Math.min(HEADERS_PER_PAGE, last - from + 1);
        const page = await absentAsNull(node.call('chain_getHeaders', { from, limit }));
        if (page === null || page.items.length === 0) break;
        headers.push(...page.items.slice(0, limit).map((hex) => decode(url, hex, decodeHeader)));
      }
      return headers;
    },
  };
}

/** A node that cannot be asked is reported where its blocks are. */
async function silentAsNull<T>(call: Promise<T>): Promise<T | null> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof SynodError) return null;
    throw error;
  }
}

async function absentAsNull<T>(call: Promise<T>): Promise<T | null> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof SynodError && ['UNKNOWN', 'PRUNED', 'FUTURE'].includes(error.code)) return null;
    throw error;
  }
}

function decode<T>(url: string, hex: string, decoder: (bytes: Uint8Array) => Decoded<T>): T {
  const digits = hex.replace(/^0x/, '');
  const read = isHex(digits, digits.length / 2)
    ? decoder(fromHex(digits))
    : { ok: false as const, reason: 'no hexadecimal digits' };
  if (read.ok) return read.value;
  throw new SynodError(
    'NODE_ANSWER_INVALID',
    `${url} gives a block that cannot be read: ${read.reason}. Ask another node.`,
    {
      facts: { url },
    },
  );
}
