/**
 * Whether what a node told of a settled query is what the chain decided: its receipt proved from a trusted block, and compared
 * with what was told. Owns asking one node after the other; proving is commands/verify-receipt.ts.
 */
import { parseReceiptProof, SynodError } from '@synod/chain';
import type { QueryJson } from '@synod/rpc/client';
import { agreedCheckpoint } from '../commands/proofs.ts';
import { believeReceipt, bestAnswer } from '../commands/verify-receipt.ts';
import { parseCheckpoint } from '../join/checkpoint.ts';
import { createNodeClient } from '../rpc/node-client.ts';
import { note } from '../terminal/output.ts';
import { failureOf, unreadable } from './outcome.ts';
import { trustTerms } from './verify-terms.ts';

export type Verified = { readonly trust: string; readonly url: string };

type Told = Pick<QueryJson, 'queryId' | 'answer' | 'cost' | 'refund' | 'outcome'>;

/** The newest block that the running nodes agree on, before anything is asked; one alone cannot vouch for itself. */
export async function trustNow(urls: readonly string[]): Promise<string> {
  const running = (await Promise.all(urls.map(isRunning))).flatMap((is, index) =>
    is ? urls.slice(index, index + 1) : [],
  );
  if (running.length > 1) return (await agreedCheckpoint(running)).checkpoint;
  throw new SynodError(
    'CHECKPOINT_REQUIRED',
    'One node cannot vouch for itself. Name several with --rpc, or a block you trust with --trust HEIGHT@HASH.',
  );
}

async function isRunning(url: string): Promise<boolean> {
  try {
    await createNodeClient(url).call('chain_getHead');
    return true;
  } catch (error) {
    if (error instanceof SynodError && (error.code === 'NODE_UNREACHABLE' || error.code === 'TIMEOUT')) return false;
    throw error;
  }
}

/** Throws `PROOF_INVALID` or `PROOF_UNDECIDED` where no node proves the query, or what was told is not what was decided. */
export async function verifyTold(
  told: Told,
  { prompt, urls, trust }: { readonly prompt: string; readonly urls: readonly string[]; readonly trust: string },
): Promise<Verified> {
  let last: unknown = null;
  for (const url of urls) {
    try {
      await verifyFrom(url, told, { prompt, urls, trust });
      return { trust, url };
    } catch (error) {
      if (!(error instanceof SynodError)) throw error;
      last = error;
      note(`! ${url} proves nothing: ${error.message}`);
    }
  }
  throw last;
}

async function verifyFrom(
  url: string,
  told: Told,
  { prompt, urls, trust }: { readonly prompt: string; readonly urls: readonly string[]; readonly trust: string },
): Promise<void> {
  const { height: trustedHeight } = parseCheckpoint(trust, '--trust');
  const file = await createNodeClient(url).call('query_getReceipt', { queryId: told.queryId, trustedHeight });
  const read = parseReceiptProof(JSON.stringify(file));
  if (!read.ok) throw unreadable(`the receipt of ${url}`, read.reason);
  const { receipt, block } = read.value;
  await believeReceipt(read.value, await trustTerms({ trust, rpc: urls, json: false, debug: false }));
  // The chain has hashes alone of a private query's texts.
  const isOpen = receipt.contract.privacy === null;
  const texts = isOpen ? [receipt.contract.prompt, bestAnswer(receipt)] : [];
  const decided = [`0x${receipt.queryId}`, receipt.cost, receipt.refund, ...texts];
  const heard = [told.queryId, told.cost, told.refund, ...(isOpen ? [prompt, told.answer] : [])];
  const { height } = block.header;
  if (decided.map(String).join('\n') !== heard.map(String).join('\n') || receipt.outcome !== told.outcome)
    throw failureOf({ ok: false, code: 'TOLD_OTHERWISE', facts: { height, url } });
}
