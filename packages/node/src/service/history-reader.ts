/**
 * What happened, newest first: transactions, receipts, evidence and signatures, read from the blocks that are kept. Owns the walk
 * down the chain and its bounds: it gives the node's other work its turn, and remembers which heights hold nothing.
 */
import {
  type Address,
  type Amount,
  addressOf,
  type Block,
  blockId,
  type Evidence,
  type Hash,
  type Height,
  listOpenQueries,
  type Payload,
  type QueryState,
  type Receipt,
  readQuery,
  type TimestampMs,
  type Transaction,
  type TransactionResult,
} from '@synod/chain';
import type { Host } from '../host/index.ts';
import type { ChainReader } from './chain-reader.ts';
import { SignatureRows } from './signature-rows.ts';
import { type Simulated, simulateTransaction } from './simulate.ts';

export type Place = { readonly height: Height; readonly index: number };

/** Where to read; `before` is exclusive, heights are inclusive. */
export type Window = {
  readonly before: Place | null;
  readonly fromHeight: Height | null;
  readonly toHeight: Height | null;
  readonly limit: number;
};

/** `next` null: nothing older is kept or wanted. */
export type Page<Item> = { readonly items: readonly Item[]; readonly scannedFrom: Height; readonly next: Place | null };

export type IncludedTransaction = {
  readonly transaction: Transaction;
  readonly result: TransactionResult | null;
  readonly place: Place;
  readonly blockHash: Hash;
  readonly time: TimestampMs;
};

const limits = {
  /** Heights read for one page. */
  scanHeights: 2_000,
  /** Heights read before the node's other work gets its turn. */
  sliceHeights: 16,
  /** Heights of which it is remembered what they lack. */
  rememberedHeights: 65_536,
} as const;

type Kind = 'transactions' | 'receipts' | 'evidence';

export class HistoryReader {
  readonly #host: Host;
  readonly #reader: ChainReader;
  readonly #signatures: SignatureRows;
  /** By kind, heights that were read and hold nothing of it: most blocks hold little. */
  readonly #empty: Readonly<Record<Kind, Set<Height>>> = {
    transactions: new Set(),
    receipts: new Set(),
    evidence: new Set(),
  };

  constructor(host: Host, reader: ChainReader) {
    this.#host = host;
    this.#reader = reader;
    this.#signatures = new SignatureRows(reader);
  }

  /** Transactions in blocks, of everybody or with the address as sender or named. */
  transactions(
    search: Window & { readonly address: Address | null; readonly type: string | null },
  ): Promise<Page<IncludedTransaction>> {
    const { address, type } = search;
    return this.#walk('transactions', search, (height) => {
      const block = this.#reader.blockAt(height);
      if (block === null || block.transactions.length === 0) return [];
      return this.#placed(height, block).map((item) => {
        const { payload } = item.transaction.body;
        const isWanted =
          (type === null || payload.type === type) && (address === null || isParty(item.transaction, address));
        return isWanted ? item : null;
      });
    });
  }

  /** Receipts of settled queries, of everybody or with the account as requester, expert or expert's operator. */
  receipts(
    search: Window & { readonly account: Address | null; readonly domain: string | null },
  ): Promise<Page<{ readonly receipt: Receipt; readonly place: Place }>> {
    const { account, domain } = search;
    return this.#walk('receipts', search, (height) =>
      (this.#reader.results(height)?.receipts ?? []).map((receipt, index) => {
        const isWanted =
          (domain === null || receipt.domain === domain) && (account === null || isInReceipt(receipt, account));
        return isWanted ? { receipt, place: { height, index } } : null;
      }),
    );
  }

  /** Evidence that blocks carried. */
  evidence(
    window: Window,
  ): Promise<Page<{ readonly evidence: Evidence; readonly place: Place; readonly time: TimestampMs }>> {
    return this.#walk('evidence', window, (height) => {
      const block = this.#reader.blockAt(height);
      return (block?.evidence ?? []).map((evidence, index) => ({
        evidence,
        place: { height, index },
        time: block?.header.time ?? 0,
      }));
    });
  }

  /** Who signed the last heights that have a block above them. */
  signatures(heights: number): ReturnType<SignatureRows['grid']> {
    return this.#signatures.grid(this.#host.head.height - 1, heights);
  }

  /** Queries open after the newest block, the last opened first. */
  openQueries(): readonly QueryState[] {
    const { state } = this.#reader;
    return listOpenQueries(state)
      .flatMap((id) => readQuery(state, id) ?? [])
      .sort((a, b) => b.openedAt - a.openedAt || (a.id < b.id ? -1 : 1));
  }

  pending(): readonly Transaction[] {
    return this.#host.mempool.candidates();
  }

  simulate(raw: Uint8Array): Simulated {
    return simulateTransaction(raw, this.#host.head);
  }

  baseFeePerByte(): Amount {
    return this.#reader.baseFeePerByte();
  }

  #placed(height: Height, block: Block): readonly IncludedTransaction[] {
    const results = this.#reader.results(height)?.transactions ?? [];
    const blockHash = blockId(block.header);
    const { time } = block.header;
    return block.transactions.map((transaction, index) => ({
      transaction,
      // A block's results are in the order of its transactions.
      result: results[index] ?? null,
      place: { height, index },
      blockHash,
      time,
    }));
  }

  /** Goes down from the window's top; `read` gives a height's items in order, null for those that are not wanted. */
  async #walk<Item>(
    kind: Kind,
    { before, fromHeight, toHeight, limit }: Window,
    read: (height: Height) => readonly (Item | null)[],
  ): Promise<Page<Item>> {
    const lowest = Math.max(1, this.#reader.oldestHeight(), fromHeight ?? 0);
    const highest = Math.min(this.#host.head.height, toHeight ?? Infinity, before?.height ?? Infinity);
    const items: Item[] = [];
    let height = highest;
    for (; height >= lowest && highest - height < limits.scanHeights; height--) {
      if ((highest - height) % limits.sliceHeights === limits.sliceHeights - 1) await turn();
      const found = this.#empty[kind].has(height) ? [] : read(height);
      if (found.length === 0) this.#remember(kind, height);
      const end = height === before?.height ? Math.min(before.index, found.length) : found.length;
      for (let index = end - 1; index >= 0; index--) {
        const item = found[index];
        if (item == null) continue;
        items.push(item);
        if (items.length === limit) return { items, scannedFrom: height, next: placeBelow({ height, index }, lowest) };
      }
    }
    const next = height < lowest ? null : { height: height + 1, index: 0 };
    return { items, scannedFrom: Math.min(height + 1, highest), next };
  }

  #remember(kind: Kind, height: Height): void {
    const known = this.#empty[kind];
    known.add(height);
    const [first] = known;
    if (known.size > limits.rememberedHeights && first !== undefined) known.delete(first);
  }
}

/** Null where nothing can be below. */
function placeBelow(place: Place, lowest: Height): Place | null {
  return place.index === 0 && place.height <= lowest ? null : place;
}

function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

function isInReceipt({ requester, respondents }: Receipt, account: Address): boolean {
  return (
    requester === account || respondents.some(({ expert, operator }) => expert === account || operator === account)
  );
}

/** Whether the address sent it, or is named in what it asks for. */
export function isParty({ body }: Transaction, address: Address): boolean {
  return addressOf(body.sender) === address || namedIn(body.payload).includes(address);
}

function namedIn(payload: Payload): readonly Address[] {
  switch (payload.type) {
    case 'transfer':
      return [payload.to];
    case 'expert.register':
    case 'expert.update':
      return [payload.expert.operator];
    case 'query.open':
      return [payload.contract.coordinator];
    case 'delegate':
    case 'undelegate':
      return [payload.validator];
    case 'redelegate':
      return [payload.from, payload.to];
    default:
      return [];
  }
}
