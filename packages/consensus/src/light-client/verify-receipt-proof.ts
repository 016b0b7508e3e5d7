/**
 * From a receipt to a hash that somebody trusts (DESIGN §3.7, spec: light-client §6): inclusion, certificate, then the way to
 * the checkpoint. Owns the order of these. The path under the results root is the chain package's.
 */
import {
  type Header,
  type LightBlock,
  type Receipt,
  type ReceiptPathFault,
  type ReceiptProof,
  receiptPathProblem,
  type TimestampMs,
} from '@synod/chain';
import { lightBlockProblem } from './check-light-block.ts';
import {
  type LightClientConfig,
  type LightFault,
  type LightRefusal,
  type LightVerdict,
  refuse,
} from './light-verdict.ts';
import { type Checkpoint, verifyBackward, verifyCheckpoint, verifySkipping } from './verify-light-block.ts';

export type ReceiptProofRequest = {
  readonly proof: ReceiptProof;
  /** What the reader trusts: the block that proves the receipt, or one that the proof's trail leads to. */
  readonly trusted: Checkpoint;
  /**
   * `chainId` may be taken from the proof itself where the reader knows only the hash: the trusted header has it too, and
   * its hash covers it.
   */
  readonly config: LightClientConfig;
  /** The local clock; asked only where signatures lead from an older checkpoint. */
  readonly nowMs: TimestampMs;
};

/** `TRAIL_MISSING`: the trusted height is neither the proof's own nor on its trail. */
export type ReceiptFault = ReceiptPathFault | LightFault | 'TRAIL_MISSING';

export type ReceiptVerdict =
  /** `header` is the one that proves it, one height above the settlement. */
  { readonly ok: true; readonly receipt: Receipt; readonly header: Header } | LightRefusal<ReceiptFault>;

/** Accepts a receipt that the trusted hash stands for. Total on everything that `parseReceiptProof` reads. */
export function verifyReceiptProof(request: ReceiptProofRequest): ReceiptVerdict {
  const { proof, config } = request;
  const { header } = proof.block;
  const path = receiptPathProblem(proof);
  if (path !== null) return refuse(path, header.height, { settledAt: proof.receipt.settledAt });
  const problem = lightBlockProblem(proof.block, config);
  if (problem !== null) return problem;
  const trust = trustVerdict(request);
  return trust.ok ? { ok: true, receipt: proof.receipt, header } : trust;
}

function trustVerdict({
  proof,
  trusted,
  config,
  nowMs,
}: ReceiptProofRequest): LightVerdict | LightRefusal<ReceiptFault> {
  const { block, trail } = proof;
  const { height } = block.header;
  if (trusted.height < height) return forwardVerdict({ proof, trusted, config, nowMs });
  const above = trail.above.slice(0, trusted.height - height);
  if (above.length < trusted.height - height) return refuse('TRAIL_MISSING', height, { trusted: trusted.height });
  return verifyBackward({ checkpoint: trusted, header: block.header, above });
}

/** The checkpoint's block must be on the trail; what lies lower is of no use and is not looked at. */
function forwardVerdict({
  proof,
  trusted,
  config,
  nowMs,
}: ReceiptProofRequest): LightVerdict | LightRefusal<ReceiptFault> {
  const { block, trail } = proof;
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
