/**
 * Lists of what happened, newest first: transactions, queries, evidence (spec: rpc §9). A node reads the blocks that it keeps, a bounded
 * number for a page: `scannedFrom` tells how far, and a page can be short, even empty, while there is a next one.
 */
import { type Address, addressOf, type QueryState, transactionId } from '@synod/chain';
import { z } from 'zod';
import type { HistoryPage, HistoryPlace, HistoryWindow } from '../history-types.ts';
import { EvidenceJson, evidenceJson } from '../json/block.ts';
import { ListedQueryJson, openQueryJson, queryPhases, settledQueryJson } from '../json/listed-query.ts';
import { AddressParam, Count, Decimal, decimal, HeightParam, HexHash, hexOf } from '../json/scalars.ts';
import { payloadTypes, TransactionJson, transactionJson } from '../json/transaction.ts';
import { defaultLimits } from '../limits.ts';
import type { NodeApi } from '../node-api.ts';
import { DomainParam } from './market.ts';
import { defineMethod } from './method.ts';
import { badCursor, decodeCursor, encodeCursor, page, pageOf, pageParams } from './paging.ts';

const Scanned = {
  /** Lowest height that was read for this page. */
  scannedFrom: Decimal,
};

const heightParams = {
  fromHeight: HeightParam.optional().describe('Lowest height of interest.'),
  toHeight: HeightParam.optional().describe('Highest height of interest.'),
};

export const txSearch = defineMethod({
  name: 'tx_search',
  summary:
    'Transactions in blocks, the newest first: of everybody, or with an account as sender or named. Reads a bounded number of heights a page.',
  access: 'read',
  params: z.strictObject({
    address: AddressParam.optional(),
    type: z.enum(payloadTypes).optional().describe('Kind of transaction, e.g. "transfer".'),
    ...heightParams,
    ...pageParams,
  }),
  result: pageOf(
    z.strictObject({
      height: Decimal,
      index: Count,
      blockHash: HexHash,
      time: Decimal,
      result: z.strictObject({ code: z.string(), fee: Decimal }).nullable(),
      transaction: TransactionJson,
    }),
  ).extend(Scanned),
  handle: async ({ api }, { address, type, ...paging }) => {
    const window = windowOf(paging);
    const found = await api.history.transactions({ ...window, address: address ?? null, type: type ?? null });
    return pageJson(found, ({ transaction, result, place, blockHash, time }) => ({
      height: decimal(place.height),
      index: place.index,
      blockHash: hexOf(blockHash),
      time: decimal(time),
      result: result === null ? null : { code: result.code, fee: decimal(result.fee) },
      transaction: transactionJson(transaction),
    }));
  },
});

export const txPending = defineMethod({
  name: 'tx_pending',
  summary: 'Transactions that wait for a block at this node, by id.',
  access: 'read',
  params: z.strictObject({ sender: AddressParam.optional(), ...pageParams }),
  result: pageOf(TransactionJson),
  handle: ({ api }, { sender, ...paging }) => {
    const wanted = api.history
      .pending()
      .filter(({ body }) => sender === undefined || addressOf(body.sender) === sender)
      .map((transaction) => ({ transaction, id: transactionId(transaction.body) }));
    const { items, nextCursor } = page(wanted, { ...paging, keyOf: ({ id }) => id });
    return { items: items.map(({ transaction }) => transactionJson(transaction)), nextCursor };
  },
});

export const stakingEvidence = defineMethod({
  name: 'staking_evidence',
  summary: 'Evidence of misconduct that blocks carried, the newest first, with whom it accuses.',
  access: 'read',
  params: z.strictObject({ ...heightParams, ...pageParams }),
  result: pageOf(EvidenceJson.extend({ includedAt: Decimal, time: Decimal })).extend(Scanned),
  handle: async ({ api }, paging) => {
    const found = await api.history.evidence(windowOf(paging));
    return pageJson(found, ({ evidence, place, time }) => ({
      ...evidenceJson(evidence),
      includedAt: decimal(place.height),
      time: decimal(time),
    }));
  },
});

export const queryList = defineMethod({
  name: 'query_list',
  summary:
    'Queries, the newest first: open ones, then settled ones. Of an account as requester, expert or operator; of a domain; in a phase.',
  access: 'read',
  params: z.strictObject({
    account: AddressParam.optional(),
    domain: DomainParam.optional(),
    phase: z
      .enum([...queryPhases, 'open'])
      .optional()
      .describe('"open" is every phase but "settled".'),
    ...pageParams,
  }),
  result: pageOf(ListedQueryJson).extend(Scanned),
  handle: async ({ api }, params) => {
    const limit = params.limit ?? defaultLimits.pageItemsDefault;
    const place = params.cursor === undefined ? null : queryPlace(decodeCursor(params.cursor));
    const wanted = { account: params.account ?? null, domain: params.domain ?? null };
    const head = decimal(api.status().head.height);
    const open =
      params.phase === 'settled' || place?.kind === 'settled'
        ? []
        : openAfter(api, { ...wanted, phase: params.phase ?? 'open', after: place?.text ?? null });
    const items = open.slice(0, limit).map(openQueryJson);
    const last = open[items.length - 1];
    if (open.length > limit && last !== undefined) {
      return { items, nextCursor: encodeCursor(openKey(last)), scannedFrom: head };
    }
    if (params.phase !== undefined && params.phase !== 'settled') return { items, nextCursor: null, scannedFrom: head };
    if (items.length === limit) return { items, nextCursor: encodeCursor('s'), scannedFrom: head };
    const before = place?.kind === 'settled' ? place.before : null;
    const window = { before, fromHeight: null, toHeight: null, limit: limit - items.length };
    const settled = await api.history.receipts({ ...window, ...wanted });
    return {
      items: [...items, ...settled.items.map(({ receipt }) => settledQueryJson(receipt))],
      nextCursor: settled.next === null ? null : encodeCursor(`s/${placeText(settled.next)}`),
      scannedFrom: decimal(settled.scannedFrom),
    };
  },
});

type OpenWanted = {
  readonly account: Address | null;
  readonly domain: string | null;
  readonly phase: string;
  /** Key of the last one that was told. */
  readonly after: string | null;
};

/** Open queries below a key, the last opened first. */
function openAfter(api: NodeApi, { account, domain, phase, after }: OpenWanted): readonly QueryState[] {
  return api.history
    .openQueries()
    .filter(
      (query) =>
        (phase === 'open' || query.phase === phase) &&
        (domain === null || query.contract.domain === domain) &&
        (account === null || isInQuery(query, account)) &&
        (after === null || openKey(query) < after),
    )
    .toSorted((a, b) => (openKey(a) < openKey(b) ? 1 : -1));
}

function isInQuery({ requester, respondents }: QueryState, account: Address): boolean {
  return (
    requester === account || respondents.some(({ expert, operator }) => expert === account || operator === account)
  );
}

const HEIGHT_DIGITS = 16;

function openKey({ openedAt, id }: QueryState): string {
  return `o/${String(openedAt).padStart(HEIGHT_DIGITS, '0')}/${id}`;
}

/** Where a list of queries goes on: among the open ones below a key, or among the settled ones. */
type QueryPlace =
  | { readonly kind: 'open'; readonly text: string }
  | { readonly kind: 'settled'; readonly text: null; readonly before: HistoryPlace | null };

function queryPlace(text: string): QueryPlace {
  if (/^o\/\d{16}\/[0-9a-f]{64}$/.test(text)) return { kind: 'open', text };
  if (text === 's') return { kind: 'settled', text: null, before: null };
  if (text.startsWith('s/')) return { kind: 'settled', text: null, before: placeOf(text.slice(2)) };
  throw badCursor();
}

type Paging = {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
  readonly fromHeight?: number | undefined;
  readonly toHeight?: number | undefined;
};

function windowOf({ limit, cursor, fromHeight, toHeight }: Paging): HistoryWindow {
  return {
    before: cursor === undefined ? null : placeOf(decodeCursor(cursor)),
    fromHeight: fromHeight ?? null,
    toHeight: toHeight ?? null,
    limit: limit ?? defaultLimits.pageItemsDefault,
  };
}

function pageJson<Item, Json>(
  { items, next, scannedFrom }: HistoryPage<Item>,
  json: (item: Item) => Json,
): { items: Json[]; nextCursor: string | null; scannedFrom: string } {
  return {
    items: items.map(json),
    nextCursor: next === null ? null : encodeCursor(placeText(next)),
    scannedFrom: decimal(scannedFrom),
  };
}

function placeText({ height, index }: HistoryPlace): string {
  return `${height}/${index}`;
}

function placeOf(text: string): HistoryPlace {
  const [, height, index] = /^(\d{1,15})\/(\d{1,9})$/.exec(text) ?? [];
  if (height === undefined || index === undefined) throw badCursor();
  return { height: Number(height), index: Number(index) };
}
