/**
 * What a newcomer may expect to earn in a domain, from what the chain shows. Owns an estimate that says what it rests on; nobody
 * promises queries, and scores decide the pay.
 */
import type { Amount } from '@synod/chain';
import type { NodeClient } from '../rpc/node-client.ts';
import { formatSyn } from '../settings/amounts.ts';
import type { Prices } from './offer-terms.ts';

/** Bytes of a typical prompt and answer. */
const TYPICAL = { promptBytes: 40n, answerBytes: 160n } as const;
/** Blocks that are looked at for queries: one page. */
const BLOCKS = 100;
const RESPONDENTS_DEFAULT = 2;
const PPM = 1_000_000;
/** Weight of an expert that never answered: the uniform prior's mean. */
const NEWCOMER_PPM = 500_000;

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
  const open = items.filter(({ status }) => status === 'active');
  const means = await Promise.all(
    open.map(async ({ address }) => {
      const { items: reputations } = await node.call('reputation_get', { subject: address, domain });
      return Math.round(Number(reputations[0]?.mean ?? NEWCOMER_PPM / PPM) * PPM);
    }),
  );
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
  const sharePpm = shareOfNewcomer(means, respondents);
  const ownPrice = typicalPrice(prices);
  const perEpochPpm = blocks.length === 0 ? 0 : Math.round((opened.length * sharePpm * epochHeights) / blocks.length);
  const others = open.map((each) =>
    typicalPrice({
      priceInPerByte: BigInt(each.priceInPerByte),
      priceOutPerByte: BigInt(each.priceOutPerByte),
      priceQuotePerByte: BigInt(each.priceQuotePerByte),
    }),
  );
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

/** Chance of being among `respondents` drawn without replacement by weight, each draw at the weights before any: a lower bound. */
export function shareOfNewcomer(othersPpm: readonly number[], respondents: number): number {
  if (othersPpm.length < respondents) return PPM;
  const total = othersPpm.reduce((sum, each) => sum + each, NEWCOMER_PPM);
  const missed = (1 - NEWCOMER_PPM / total) ** respondents;
  return Math.round((1 - missed) * PPM);
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

function typicalPrice({ priceInPerByte, priceOutPerByte }: Prices): Amount {
  return priceInPerByte * TYPICAL.promptBytes + priceOutPerByte * TYPICAL.answerBytes;
}

function levelOf(prices: readonly Amount[]): Earnings['others'] {
  const sorted = prices.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const [least] = sorted;
  if (least === undefined) return null;
  return { count: sorted.length, least, median: sorted[Math.floor(sorted.length / 2)]!, most: sorted.at(-1)! };
}
