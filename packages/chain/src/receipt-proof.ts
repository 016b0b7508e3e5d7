/**
 * The proof that a receipt is part of the chain, in one value that needs nothing beside it but a trusted hash (DESIGN §3.7,
 * spec: light-client §6). Owns its making and the path from receipt to results root. Certificates and trust are the
 * consensus package's `verifyReceiptProof`; the file form is receipt-proof-json.ts.
 */
import { resultLeaves, resultsRoot } from './block-roots.ts';
import { encodeReceipt } from './codec/index.ts';
import { SynodError } from './errors.ts';
import type { LightBlock } from './light-block.ts';
import { merkleProof, verifyInclusion } from './merkle/index.ts';
import type { BlockResults, Hash, Header, Receipt } from './types/index.ts';

/** Maxima of a proof that is read from outside. */
export const RECEIPT_PROOF_LIMITS = {
  /** Hashes of the path: a tree of 2⁶⁴ leaves. */
  pathHashesMax: 64,
  /** Light blocks from an older checkpoint. */
  trailBlocksMax: 128,
  /** Headers back from a newer checkpoint. */
  trailHeadersMax: 4096,
  /** Characters of the file. */
  textCharactersMax: 128 * 1024 * 1024,
} as const;

/** How to get from the block of the proof to checkpoints other than that block itself. Both rows may be empty. */
export type TrustTrail = {
  /** Lower heights, rising: each is verified from the one before, the last verifies the block. */
  readonly below: readonly LightBlock[];
  /** The headers right above the block, rising without a gap: each names the one before by its id. */
  readonly above: readonly Header[];
};

/** A receipt, its place under a results root, and the block whose header carries that root. */
export type ReceiptProof = {
  readonly receipt: Receipt;
  /** Place among all leaves of the results root: transaction results come before receipts. */
  readonly leafIndex: number;
  readonly leafCount: number;
  readonly path: readonly Hash[];
  /** The block after the one that settled the query, with its certificate. */
  readonly block: LightBlock;
  readonly trail: TrustTrail;
};

export type ReceiptProofInput = {
  /** Results of the block that settled the query. */
  readonly results: BlockResults;
  /** Which of `results.receipts`. */
  readonly index: number;
  /** Of height `results.height + 1`. */
  readonly block: LightBlock;
  readonly trail?: TrustTrail;
};

/**
 * The proof of one receipt. Throws `RECEIPT_UNKNOWN` where the results have no such receipt, and `RECEIPT_BLOCK_WRONG`
 * where the block does not carry the root of these results: both are faults of the caller.
 */
export function createReceiptProof({ results, index, block, trail }: ReceiptProofInput): ReceiptProof {
  const receipt = results.receipts[index];
  const facts = { height: results.height, index, blockHeight: block.header.height };
  if (receipt === undefined) {
    throw new SynodError('RECEIPT_UNKNOWN', 'The block settled no query at this place. Look up the receipt first.', {
      facts,
    });
  }
  if (block.header.height !== results.height + 1 || block.header.resultsRoot !== resultsRoot(results)) {
    throw new SynodError('RECEIPT_BLOCK_WRONG', 'A receipt is proven by the next block. Give the block after it.', {
      facts,
    });
  }
  const leaves = resultLeaves(results);
  const leafIndex = results.transactions.length + index;
  return {
    receipt,
    leafIndex,
    leafCount: leaves.length,
    path: merkleProof(leaves, leafIndex),
    block,
    trail: trail ?? { below: [], above: [] },
  };
}

/** Why a receipt is not under its header's results root. */
export type ReceiptPathFault = 'RECEIPT_HEIGHT_WRONG' | 'RECEIPT_NOT_INCLUDED';

/** What is wrong between the receipt and its block's header, or null (light-client §6.2). Says nothing of the header. */
export function receiptPathProblem(proof: ReceiptProof): ReceiptPathFault | null {
  const { receipt, leafIndex, leafCount, path, block } = proof;
  if (receipt.settledAt !== block.header.height - 1) return 'RECEIPT_HEIGHT_WRONG';
  const leaf = encodeReceipt(receipt);
  const root = block.header.resultsRoot;
  const included = verifyInclusion({ leaf, index: leafIndex, size: leafCount, proof: path, root });
  return included ? null : 'RECEIPT_NOT_INCLUDED';
}
