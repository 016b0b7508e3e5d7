/** What was bought on a chain: every `query.open` of its blocks, by prompt, and what became of them. Owns reading it over JSON-RPC. */
import { createSynodClient, type RpcMethodMap } from '@synod/rpc/client';

export type Bought = {
  /** How often a query of this prompt was opened. */
  readonly byPrompt: ReadonlyMap<string, number>;
  readonly queryIds: readonly string[];
};

/** Queries opened in the blocks from `from` to the newest. */
export async function boughtSince(url: string, from: number): Promise<Bought> {
  const client = createSynodClient({ url, timeoutMs: 30_000 });
  const byPrompt = new Map<string, number>();
  const queryIds: string[] = [];
  let cursor: string | null = String(from);
  while (cursor !== null) {
    const page: RpcMethodMap['chain_getBlocks']['result'] = await client.call('chain_getBlocks', {
      from: cursor,
      limit: 100,
    });
    for (const { id, payload } of page.items.flatMap(({ transactions }) => transactions)) {
      if (payload.type !== 'query.open') continue;
      const { prompt } = (payload as unknown as { contract: { prompt: string } }).contract;
      byPrompt.set(prompt, (byPrompt.get(prompt) ?? 0) + 1);
      queryIds.push(id);
    }
    cursor = page.nextCursor;
  }
  return { byPrompt, queryIds };
}

/** Queries that were ended early in the blocks from `from` to the newest. */
export async function cancelled(url: string, from: number): Promise<string[]> {
  const client = createSynodClient({ url, timeoutMs: 30_000 });
  const { items } = await client.call('chain_getBlocks', { from: String(from), limit: 100 });
  return items.flatMap(({ transactions }) =>
    transactions.flatMap(({ payload }) =>
      payload.type === 'query.cancel' ? [String((payload as unknown as { queryId: string }).queryId)] : [],
    ),
  );
}
