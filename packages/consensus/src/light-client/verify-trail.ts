/**
 * From the block that proves something to a hash that somebody trusts, by the trail that came with the proof
 * (spec: light-client §6.4). Owns the choice between steps up and links back; the steps are verify-light-block.ts.
 */
import type { LightBlock, TimestampMs, TrustTrail } from '@synod/chain';
import { type LightClientConfig, type LightRefusal, type LightVerdict, refuse } from './light-verdict.ts';
import { type Checkpoint, verifyBackward, verifyCheckpoint, verifySkipping } from './verify-light-block.ts';

export type TrailRequest = {
  /** Holds together by itself: `lightBlockProblem` found nothing. */
  readonly block: LightBlock;
  readonly trail: TrustTrail;
  readonly trusted: Checkpoint;
  readonly config: LightClientConfig;
  /** The local clock; asked only where signatures lead from an older checkpoint. */
  readonly nowMs: TimestampMs;
};

/** Accepts the block that the trusted hash stands for, or that the trail leads to from it. */
export function verifyTrail(request: TrailRequest): LightVerdict | LightRefusal<'TRAIL_MISSING'> {
  const { block, trail, trusted } = request;
  const { height } = block.header;
  if (trusted.height < height) return verifyForward(request);
  const above = trail.above.slice(0, trusted.height - height);
  if (above.length < trusted.height - height) return refuse('TRAIL_MISSING', height, { trusted: trusted.height });
  return verifyBackward({ checkpoint: trusted, header: block.header, above });
}

/** The checkpoint's block must be on the trail; what lies lower is of no use and is not looked at. */
function verifyForward({
  block,
  trail,
  trusted,
  config,
  nowMs,
}: TrailRequest): LightVerdict | LightRefusal<'TRAIL_MISSING'> {
  const start = trail.below.findIndex(({ header }) => header.height === trusted.height);
  const first = trail.below[start];
  if (first === undefined) return refuse('TRAIL_MISSING', block.header.height, { trusted: trusted.height });
  const checkpoint = verifyCheckpoint({ checkpoint: trusted, block: first, config });
  if (!checkpoint.ok) return checkpoint;
  let last: LightBlock = first;
  for (const next of [...trail.below.slice(start + 1), block]) {
    const verdict = verifySkipping({ trusted: last, untrusted: next, config, nowMs });
    if (!verdict.ok) return verdict;
    last = next;
  }
  return { ok: true };
}
