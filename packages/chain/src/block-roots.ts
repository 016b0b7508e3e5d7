/**
 * The Merkle roots a header carries over the parts of its block (spec: state §8). Owns what the leaves are.
 */
import { briefBytes } from './codec/byte-buffers.ts';
import {
  encodeCommitPrecommit,
  encodeEvidence,
  encodeReceipt,
  encodeTransactionResult,
  encodeU64,
} from './codec/index.ts';
import { oncePerObject } from './codec/once-per-object.ts';
import { merkleRoot } from './merkle/index.ts';
import { transactionForm } from './state/transaction-form.ts';
import type { BlockResults, Evidence, ExtendedCommit, Hash, Transaction } from './types/index.ts';

const NO_BYTES = new Uint8Array(0);
const NO_SIGNATURE = new Uint8Array(64);

/** Leaves: the encoded transactions, in order. */
export function transactionsRoot(transactions: readonly Transaction[]): Hash {
  return merkleRoot(transactions.map((transaction) => transactionForm(transaction).encoded));
}

/** Leaves: the encoded evidence, in order. */
export function evidenceRoot(evidence: readonly Evidence[]): Hash {
  return merkleRoot(evidence.map(encodeEvidence));
}

/**
 * Leaves: the commit's round, so that the block id fixes it, then its precommits with extension and extension signature
 * left empty. The root of no leaves at height 1.
 */
export function lastCommitRoot(commit: ExtendedCommit | null): Hash {
  return commit === null ? merkleRoot([]) : rootOfCommit(commit);
}

const rootOfCommit = oncePerObject(({ round, precommits }: ExtendedCommit): Hash => {
  const leaves = precommits.map(({ validator, signature }) =>
    encodeCommitPrecommit({ validator, signature, extension: NO_BYTES, extensionSignature: NO_SIGNATURE }),
  );
  return merkleRoot([encodeU64(BigInt(round)), ...leaves]);
});

/** Leaves: extension signature (64 bytes) followed by the extension, one per precommit. */
export function extensionsRoot(commit: ExtendedCommit | null): Hash {
  return commit === null ? merkleRoot([]) : rootOfExtensions(commit);
}

const rootOfExtensions = oncePerObject(
  ({ precommits }: ExtendedCommit): Hash =>
    merkleRoot(precommits.map(({ extension, extensionSignature }) => concat(extensionSignature, extension))),
);

/** The leaves under a results root: transaction results in order, then receipts in order of settlement. */
export function resultLeaves(results: BlockResults): Uint8Array[] {
  return [...results.transactions.map(encodeTransactionResult), ...results.receipts.map(encodeReceipt)];
}

/** Once per results: every block that is judged on top of them asks. */
export const resultsRoot: (results: BlockResults) => Hash = oncePerObject((results: BlockResults) =>
  merkleRoot(resultLeaves(results)),
);

function concat(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = briefBytes(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
