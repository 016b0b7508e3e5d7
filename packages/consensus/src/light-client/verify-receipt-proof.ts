/**
 * From a receipt to a hash that somebody trusts (DESIGN §3.7, spec: light-client §6): inclusion, certificate, then the way to
 * the checkpoint. Owns the order of these. The path under the results root is the chain package's.
 */
import {
  type Header,
  type Receipt,
  type ReceiptPathFault,
  type ReceiptProof,
  receiptPathProblem,
  type TimestampMs,
} from '@synod/chain';
import { lightBlockProblem } from './check-light-block.ts';
import { type LightClientConfig, type LightFault, type LightRefusal, refuse } from './light-verdict.ts';
import type { Checkpoint } from './verify-light-block.ts';
import { verifyTrail } from './verify-trail.ts';

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
  const { proof, trusted, config, nowMs } = request;
  const { header } = proof.block;
  const path = receiptPathProblem(proof);
  if (path !== null) return refuse(path, header.height, { settledAt: proof.receipt.settledAt });
  const problem = lightBlockProblem(proof.block, config);
  if (problem !== null) return problem;
  const trust = verifyTrail({ block: proof.block, trail: proof.trail, trusted, config, nowMs });
  return trust.ok ? { ok: true, receipt: proof.receipt, header } : trust;
}
