/**
 * What a stopped node's database holds, read back from disk: every block with its payments, the supply recounted, and the whole
 * chain executed again from genesis. Owns the translation into the check's terms.
 */
import { join } from 'node:path';
import {
  addressOf,
  checkSupply,
  decodeBlock,
  decodeBlockResults,
  type Genesis,
  genesisHash,
  StateTree,
  SynodError,
  transactionId,
} from '@synod/chain';
import { checkDatabase } from '@synod/node';
import { type OpenedStore, openStore } from '@synod/node/adapters';
import type { Chain, ChainBlock, ChainTransfer } from './check-history.ts';

export type StoredChain = Chain & {
  readonly supplyOk: boolean;
  readonly issued: bigint;
};

/** Throws `DATABASE_DAMAGED` when executing the blocks again does not give what is stored. */
export async function readChain(options: {
  readonly node: string;
  readonly home: string;
  readonly genesis: Genesis;
}): Promise<StoredChain> {
  const { node, home, genesis } = options;
  await checkDatabase({ home, genesis });
  const identity = { chainId: genesis.chainId, genesisHash: genesisHash(genesis) };
  const opened = await openStore({ directory: join(home, 'chain'), ...identity, deliver: () => undefined });
  try {
    const { boot } = opened;
    if (boot === null) return { node, blocks: [], supplyOk: true, issued: 0n };
    const blocks = Array.from({ length: boot.stateHeight }, (_, index) => readBlock(opened, index + 1));
    const { ok, supply } = checkSupply(StateTree.fromEntries(boot.entries.map(([key, value]) => ({ key, value }))));
    return { node, blocks, supplyOk: ok, issued: supply.issued };
  } finally {
    await opened.close();
  }
}

function readBlock({ store }: OpenedStore, height: number): ChainBlock {
  const stored = store.block(height);
  const storedResults = store.results(height);
  const block = stored === null ? null : decodeBlock(stored.block);
  const results = storedResults === null ? null : decodeBlockResults(storedResults);
  if (stored === null || !block?.ok || !results?.ok)
    throw new SynodError('DATABASE_DAMAGED', `Block ${height} is missing.`);
  const outcomes = new Map(results.value.transactions.map((result) => [result.id, result]));
  const transfers = block.value.transactions.flatMap(({ body }): ChainTransfer[] => {
    if (body.payload.type !== 'transfer') return [];
    const id = transactionId(body);
    const result = outcomes.get(id);
    if (result === undefined) throw new SynodError('DATABASE_DAMAGED', `Block ${height} has no result for ${id}.`);
    const { to, amount } = body.payload;
    return [{ id, from: addressOf(body.sender), to, amount, fee: result.fee, ok: result.code === 'OK' }];
  });
  const { stateRoot, time } = block.value.header;
  return { height, hash: stored.hash, stateRoot, timeMs: time, evidence: block.value.evidence.length, transfers };
}
