/**
 * What a newcomer may expect to earn in a domain, from what the chain shows. Owns an estimate that says what it rests on; nobody
 * promises queries, and scores decide the pay.
 */
import { type Amount, comparedFee, newcomerWeight } from '@synod/chain';
import type { NodeClient } from '../rpc/node-client.ts';
import { formatSyn } from '../settings/amounts.ts';
import type { Prices } from './offer-terms.ts';

/** Bytes of a typical prompt and answer. */
const TYPICAL = { promptBytes: 40n, answerBytes: 160n } as const;
/** Blocks that are looked at for queries: one page. */
const BLOCKS = 100;
const RESPONDENTS_DEFAULT = 2;
const PPM = 1_000_000;

export type Earnings = {
  /** For an answer of typical size, written and not quoted, in nano. */
  readonly ownPrice: Amount;
  /** Of the experts in the domain that can be selected now: least, median, most; null without any. */
  readonly others: {
    readonly count: number;
    readonly least: Amount;
    readonly median: Amount;
    readonly most: Amount;
  } | null;
  /** Chance of being selected for one query, in millionths. */
  readonly sharePpm: number;
  /** Queries of the domain in the blocks looked at, and how many blocks those are. */
  readonly queries: number;
  readonly blocks: number;
  readonly epochHeights: number;
  /** Nano per epoch if every answer is paid in full. */
  readonly perEpoch: Amount;
};

export async function estimateEarnings(node: NodeClient, domain: string, prices: Prices): Promise<Earnings> {
  const [{ items }, { epochHeights, head }] = await Promise.all([
    node.call('expert_list', { domain, limit: BLOCKS }),
    node.call('staking_params'),
  ]);
  const { market } = await node.call('chain_getParams');
  const promptBytes = Number(TYPICAL.promptBytes);
  const drawn = await node.call('query_candidates', { domain, prompt: '?'.repeat(promptBytes) });
  const open = items.filter(({ status }) => status === 'active');
  const from = Math.max(1, Number(head) - BLOCKS + 1);
  const { items: blocks } = await node.call('chain_getBlocks', { from, limit: BLOCKS });
  const opened = blocks.flatMap(({ transactions }) =>
    transactions.flatMap(({ payload }) =>
      payload.type === 'query.open' && payload.contract.domain === domain ? [payload.contract] : [],
    ),
  );
  const respondents =
    opened.length === 0
      ? RESPONDENTS_DEFAULT
      : Math.max(1, Math.round(opened.reduce((sum, each) => sum + each.respondents, 0) / opened.length));
  const cards = new Map(items.map((each) => [each.address, each]));
  const rivals = drawn.candidates
    .filter(({ expert }) => cards.has(expert))
    .map(({ expert, weight }) => ({
      weight: BigInt(weight),
      fee: comparedFee(pricesOf(cards.get(expert)!), promptBytes),
    }));
  const factors = { sharpness: market.sharpness, exploration: Math.round(Number(market.exploration) * PPM) };
  const sharePpm = shareOfNewcomer({ rivals, fee: comparedFee(prices, promptBytes), market: factors }, respondents);
  const ownPrice = typicalPrice(prices);
  const perEpochPpm = blocks.length === 0 ? 0 : Math.round((opened.length * sharePpm * epochHeights) / blocks.length);
  const others = open.map((each) => typicalPrice(pricesOf(each)));
  return {
    ownPrice,
    others: levelOf(others),
    sharePpm,
    queries: opened.length,
    blocks: blocks.length,
    epochHeights,
    perEpoch: (ownPrice * BigInt(perEpochPpm)) / BigInt(PPM),
  };
}

export type Competition = {
  /** Who would be drawn from now, with the chain's weights (market §3) and their fees by which prices are compared. */
  readonly rivals: readonly { readonly weight: bigint; readonly fee: Amount }[];
  /** The newcomer's fee. */
  readonly fee: Amount;
  readonly market: Parameters<typeof newcomerWeight>[2];
};

/** Chance of being among `respondents` drawn without replacement by weight, each draw at the weights before any: a lower bound. */
export function shareOfNewcomer({ rivals, fee, market }: Competition, respondents: number): number {
  if (rivals.length < respondents) return PPM;
  const cheapest = rivals.reduce((least, each) => (each.fee < least ? each.fee : least), fee);
  const own = newcomerWeight(fee, cheapest, market);
  const total = rivals.reduce((sum, { weight }) => sum + weight, own);
  const drawnPpm = Number((own * BigInt(PPM)) / total);
  return Math.round((1 - (1 - drawnPpm / PPM) ** respondents) * PPM);
}

/** For people. */
export function earningsLines(earnings: Earnings, domain: string): string[] {
  const { ownPrice, others, sharePpm, queries, blocks, epochHeights, perEpoch } = earnings;
  const level =
    others === null
      ? `no expert of ${domain} can be asked now: yours would be the only one`
      : `${others.count} ${others.count === 1 ? 'expert' : 'experts'} of ${domain}, who ask ${formatSyn(others.least)} to ${formatSyn(others.most)} (median ${formatSyn(others.median)})`;
  return [
    `  your price  ${formatSyn(ownPrice)} for a typical answer (${TYPICAL.promptBytes} bytes asked, ${TYPICAL.answerBytes} written)`,
    `  market      ${level}`,
    `  share       about ${(sharePpm / 10_000).toFixed(0)} % of queries would select a newcomer`,
    `  queries     ${queries} of ${domain} in the last ${blocks} blocks`,
    `  earnings    about ${formatSyn(perEpoch)} an epoch (${epochHeights} blocks) if that goes on`,
    '              An estimate: nobody promises queries, and what is paid depends on how answers are scored.',
  ];
}

function pricesOf(card: { readonly [price in keyof Prices]: string }): Prices {
  return {
    priceInPerByte: BigInt(card.priceInPerByte),
    priceOutPerByte: BigInt(card.priceOutPerByte),
    priceQuotePerByte: BigInt(card.priceQuotePerByte),
  };
}

function typicalPrice({ priceInPerByte, priceOutPerByte }: Prices): Amount {
  return priceInPerByte * TYPICAL.promptBytes + priceOutPerByte * TYPICAL.answerBytes;
}

function levelOf(prices: readonly Amount[]): Earnings['others'] {
  const sorted = prices.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const [least] = sorted;
  if (least === undefined) return null;
  return { count: sorted.length, least, median: sorted[Math.floor(sorted.length / 2)]!, most: sorted.at(-1)! };
}
