/**
 * What somebody without state needs to believe this chain: light blocks, headers, and proofs with the way to a block they
 * trust (spec: light-client). Owns finding and joining these; whether they are to be believed is the reader's to check.
 */
import {
  createReceiptProof,
  type Hash,
  type Header,
  type Height,
  type LightBlock,
  RECEIPT_PROOF_LIMITS,
  type ReceiptProof,
  SynodError,
  type TrustTrail,
} from '@synod/chain';
import { type Bisection, type BisectionEffect, startBisection, stepBisection } from '@synod/consensus';
import type { ChainReader } from './chain-reader.ts';

/** Maxima of what one request may cost. All are counts. */
const limits = {
  /** Headers above a block when nobody says which block is trusted: enough for one taken a little later. */
  headersAboveDefault: 256,
  /** Light blocks looked at to find the few of a trail. */
  trailLooksMax: 512,
} as const;

/** The blocks are this node's own, verified when they came: the machine is asked only which of them a reader needs. */
const ownBlocks = { trustingPeriodMs: Number.MAX_SAFE_INTEGER, clockDriftMsMax: 1, verify: () => true } as const;

export class LightServer {
  readonly #reader: ChainReader;
  readonly #head: () => Height;

  constructor(reader: ChainReader, head: () => Height) {
    this.#reader = reader;
    this.#head = head;
  }

  /** The block of a height with its certificate and sets, or null where it is not stored. */
  lightBlock(tag: Height | 'latest'): LightBlock | null {
    const height = tag === 'latest' ? this.#head() : tag;
    return this.#reader.lightBlock(height);
  }

  header(height: Height): Header | null {
    return this.#reader.blockAt(height)?.header ?? null;
  }

  /**
   * The proof of a query's receipt with the way to the trusted height, or to the newest heights when none is named. Throws
   * `QUERY_UNKNOWN`, `FUTURE` (no header proves it yet), `PRUNED`, and what `trail` throws.
   */
  receiptProof(queryId: Hash, trusted: Height | null): ReceiptProof {
    const settledAt = this.#reader.querySettledHeight(queryId);
    if (settledAt === null) throw unsettled(queryId);
    const results = this.#reader.results(settledAt);
    if (results === null) throw pruned(settledAt, this.#reader.oldestHeight());
    const height = settledAt + 1;
    const block = this.#requireBlock(height);
    const index = results.receipts.findIndex((receipt) => receipt.queryId === queryId);
    return createReceiptProof({ results, index, block, trail: this.trail(block, trusted) });
  }

  /**
   * What leads from the trusted height to the block: light blocks from a lower one, headers back from a higher one. Throws
   * `FUTURE`, `PRUNED`, or `TRAIL_TOO_LONG`, which names a height in between to trust instead.
   */
  trail(block: LightBlock, trusted: Height | null): TrustTrail {
    const { height } = block.header;
    const until = trusted ?? Math.min(this.#head(), height + limits.headersAboveDefault);
    if (until < height) return { below: this.#trailBelow(block, until), above: [] };
    if (until - height > RECEIPT_PROOF_LIMITS.trailHeadersMax) {
      throw tooLong(height, until, height + RECEIPT_PROOF_LIMITS.trailHeadersMax);
    }
    const above: Header[] = [];
    for (let at = height + 1; at <= until; at++) above.push(this.#requireBlock(at).header);
    return { below: [], above };
  }

  /** The light blocks that skipping verification asks for, the trusted one first. */
  #trailBelow(target: LightBlock, trustedHeight: Height): readonly LightBlock[] {
    const trusted = this.#requireBlock(trustedHeight);
    const { chainId, time, height } = target.header;
    const blocks: LightBlock[] = [trusted];
    let looks = 0;
    let { state, effects } = startBisection({ trusted, targetHeight: height, config: { chainId, ...ownBlocks } });
    for (;;) {
      collect(effects, blocks);
      if (state.awaited === null) break;
      looks += 1;
      if (looks > limits.trailLooksMax || blocks.length > RECEIPT_PROOF_LIMITS.trailBlocksMax) {
        throw tooLong(height, trustedHeight, Math.floor((trustedHeight + height) / 2));
      }
      ({ state, effects } = this.#step(state, target, time));
    }
    return blocks.filter(({ header }) => header.height < height);
  }

  #step(state: Bisection, target: LightBlock, nowMs: number) {
    const wanted = state.awaited ?? target.header.height;
    const next = wanted === target.header.height ? target : this.#requireBlock(wanted);
    return stepBisection(state, next, nowMs);
  }

  #requireBlock(height: Height): LightBlock {
    const block = this.lightBlock(height);
    if (block !== null) return block;
    const head = this.#head();
    if (height > head) {
      throw new SynodError(
        'FUTURE',
        `Block ${height} is not decided yet: the head is ${head}. Ask again in a moment.`,
        {
          facts: { height: String(height), head: String(head) },
        },
      );
    }
    throw pruned(height, this.#reader.oldestHeight());
  }
}

function collect(effects: readonly BisectionEffect[], into: LightBlock[]): void {
  for (const effect of effects) {
    if (effect.kind === 'verified') into.push(effect.block);
    if (effect.kind === 'failed') {
      throw new SynodError(
        'TRAIL_BROKEN',
        `The blocks of this node do not lead there (${effect.refusal.code}). Ask another node, and check this one:  synod db verify`,
        { facts: effect.refusal.facts },
      );
    }
  }
}

function unsettled(queryId: Hash): SynodError {
  return new SynodError(
    'QUERY_UNKNOWN',
    `This node knows no receipt of the query ${queryId}. Check the id, or ask again once it is settled.`,
    { facts: { queryId } },
  );
}

function pruned(height: Height, oldest: Height): SynodError {
  return new SynodError(
    'PRUNED',
    `Block ${height} is no longer stored here: the oldest is ${oldest}. Ask an archive node, or trust a newer block.`,
    { facts: { height: String(height), oldestHeight: String(oldest) } },
  );
}

function tooLong(height: Height, trusted: Height, between: Height): SynodError {
  return new SynodError(
    'TRAIL_TOO_LONG',
    `From block ${trusted} to block ${height} is too far for one proof. Trust a block nearer to it, for instance ${between}.`,
    { facts: { height: String(height), trusted: String(trusted), nearer: String(between) } },
  );
}
