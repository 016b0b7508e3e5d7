/**
 * What a header says of its block and of the one before, reckoned a second time (spec: state §8, codec §11): Merkle roots over leaves that are listed
 * here, and the beacon. Owns the leaves and the tree; how a part is encoded is the codec's, which has vectors.
 */
import {
  type BlockResults,
  encodeCommitPrecommit,
  encodeEvidence,
  encodeReceipt,
  encodeTransaction,
  encodeTransactionResult,
  fromHex,
  readBeacon,
  readValidatorsAt,
  sha256,
  taggedHash,
  toHex,
  type VerifyBeacon,
} from '@synod/chain';
import type { AppliedStep } from './ledger-model.ts';

export class RootsModel {
  readonly #verifyBeacon: VerifyBeacon;
  #results: BlockResults | null = null;

  constructor(verifyBeacon: VerifyBeacon) {
    this.#verifyBeacon = verifyBeacon;
  }

  /** What is wrong with a block's header, or null. Called once for each, in order. */
  problem({ before, after, block, results }: AppliedStep): string | null {
    const { header, transactions, evidence, lastCommit } = block;
    const { height } = header;
    const precommits = lastCommit?.precommits ?? [];
    const bare = precommits.map((entry) =>
      encodeCommitPrecommit({ ...entry, extension: new Uint8Array(), extensionSignature: new Uint8Array(64) }),
    );
    const due = {
      transactionsRoot: rootOf(transactions.map(encodeTransaction)),
      evidenceRoot: rootOf(evidence.map(encodeEvidence)),
      lastCommitRoot: rootOf(lastCommit === null ? [] : [numberBytes(lastCommit.round), ...bare]),
      extensionsRoot: rootOf(
        precommits.map(({ extension, extensionSignature }) => Buffer.concat([extensionSignature, extension])),
      ),
      stateRoot: before.root,
      ...(this.#results !== null && { resultsRoot: resultsRootOf(this.#results) }),
    };
    this.#results = results;
    for (const [name, root] of Object.entries(due)) {
      const is = header[name as keyof typeof due];
      if (is !== root) return `the header of ${height} has ${name} ${is}, due ${root}`;
    }
    const beacon = readBeacon(before, height - 1);
    const maker = readValidatorsAt(before, height)?.find(({ operator }) => operator === header.proposer);
    if (beacon === null || maker === undefined) return `block ${height} is made by nobody`;
    const output = this.#verifyBeacon(
      maker.vrfKey,
      Buffer.concat([fromHex(beacon), numberBytes(height)]),
      header.beaconProof,
    );
    if (output === null) return `the beacon of ${height} is not proven over the one before`;
    const drawn = taggedHash('synod/beacon/1', output);
    return readBeacon(after, height) === drawn
      ? null
      : `the beacon of ${height} is ${readBeacon(after, height)}, due ${drawn}`;
  }
}

function resultsRootOf({ transactions, receipts }: BlockResults): string {
  return rootOf([...transactions.map(encodeTransactionResult), ...receipts.map(encodeReceipt)]);
}

/** RFC 6962: the largest power of two below the number of leaves goes to the left. */
function rootOf(leaves: readonly Uint8Array[]): string {
  return toHex(leaves.length === 0 ? sha256(new Uint8Array()) : treeOf(leaves));
}

function treeOf(leaves: readonly Uint8Array[]): Uint8Array {
  const [first] = leaves;
  if (leaves.length === 1) return sha256(Buffer.concat([Uint8Array.of(0), first as Uint8Array]));
  let left = 1;
  while (2 * left < leaves.length) left *= 2;
  return sha256(Buffer.concat([Uint8Array.of(1), treeOf(leaves.slice(0, left)), treeOf(leaves.slice(left))]));
}

function numberBytes(value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}
