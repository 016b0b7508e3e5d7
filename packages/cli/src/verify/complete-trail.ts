/**
 * Fills what a proof lacks between its block and the trusted one with blocks of a node. Owns which blocks are fetched; all
 * of them are verified here or afterwards, so the node need not be trusted.
 */
import { type LightBlock, RECEIPT_PROOF_LIMITS, SynodError, type TrustTrail } from '@synod/chain';
import {
  type Checkpoint,
  type LightClientConfig,
  startBisection,
  stepBisection,
  verifyCheckpoint,
} from '@synod/consensus';
import type { LightSource } from './light-source.ts';
import { failureOf } from './outcome.ts';

export type TrailGap = {
  readonly block: LightBlock;
  readonly trusted: Checkpoint;
  readonly config: LightClientConfig;
  readonly nowMs: number;
};

/** A trail from the trusted block to the proof's. Throws a failure that says which block is missing or refused. */
export async function fetchTrail(gap: TrailGap, source: LightSource): Promise<TrustTrail> {
  const { block, trusted } = gap;
  if (trusted.height < block.header.height) return { below: await fetchBelow(gap, source), above: [] };
  const missing = trusted.height - block.header.height;
  if (missing > RECEIPT_PROOF_LIMITS.trailHeadersMax) {
    throw failureOf({ ok: false, code: 'LIGHT_BISECTION_TOO_LONG', facts: { height: block.header.height } });
  }
  return { below: [], above: await source.headers(block.header.height + 1, trusted.height) };
}

async function fetchBelow(gap: TrailGap, source: LightSource): Promise<readonly LightBlock[]> {
  const { block, trusted, config, nowMs } = gap;
  const first = await required(source, trusted.height);
  const checkpoint = verifyCheckpoint({ checkpoint: trusted, block: first, config });
  if (!checkpoint.ok) throw failureOf(checkpoint);
  const below = [first];
  let { state, effects } = startBisection({ trusted: first, targetHeight: block.header.height, config });
  for (;;) {
    for (const effect of effects) {
      if (effect.kind === 'failed') throw failureOf(effect.refusal);
      if (effect.kind === 'verified' && effect.block !== block) below.push(effect.block);
    }
    if (state.awaited === null) return below;
    const next = state.awaited === block.header.height ? block : await required(source, state.awaited);
    ({ state, effects } = stepBisection(state, next, nowMs));
  }
}

async function required(source: LightSource, height: number): Promise<LightBlock> {
  const found = await source.lightBlock(height);
  if (found !== null) return found;
  throw new SynodError(
    'PROOF_UNDECIDED',
    `${source.url} does not have block ${height}, which is needed on the way. Name another node with --rpc, or trust another block.`,
    { facts: { reason: 'BLOCK_NOT_FOUND', height, url: source.url } },
  );
}
