/**
 * Judges blocks and certificates against the head. Owns the joining of the chain's block validity with the consensus
 * package's certificate check; both are pure. The clock bound is separate: it is for prevotes, never for decided blocks.
 */
import {
  type Block,
  type BlockExecution,
  blockId,
  bodyProblem,
  type ChainParams,
  createSignatureCheck,
  decodeVoteExtension,
  type ExtendedCommit,
  type Hash,
  type SignatureCheck,
  type TimestampMs,
  type Validator,
} from '@synod/chain';
import { verifyCommit } from '@synod/consensus';
import { type ChainHead, type ChainIdentity, nextValidators, paramsOf, parentBlock } from './chain-head.ts';
import { type Crypto, chainCrypto, chainExecution, type Execution, type HostPorts } from './ports.ts';

export type JudgedBlock =
  | { readonly ok: true; readonly execution: BlockExecution }
  | { readonly ok: false; readonly code: string };

export class Judge {
  readonly crypto: Crypto;
  readonly execution: Execution;
  readonly #identity: ChainIdentity;
  readonly #isSignatureValid: SignatureCheck;
  readonly #verifiedSignatures: ReadonlySet<string>;

  /** `verifiedSignatures` are those the mempool verified at entry; it grows as transactions come. */
  constructor(
    identity: ChainIdentity,
    verifiedSignatures: ReadonlySet<string>,
    { crypto = chainCrypto, execution = chainExecution }: Pick<HostPorts, 'crypto' | 'execution'> = {},
  ) {
    this.crypto = crypto;
    this.execution = execution;
    this.#identity = identity;
    this.#verifiedSignatures = verifiedSignatures;
    this.#isSignatureValid = createSignatureCheck(crypto.verifySignature, verifiedSignatures);
  }

  get isSignatureValid(): SignatureCheck {
    return this.#isSignatureValid;
  }

  idOf(block: Block): Hash {
    return blockId(block.header);
  }

  /** Whether the body is the one its header, and so its id, commits to: else its sender is at fault, not the block. */
  isWhole(block: Block): boolean {
    return bodyProblem(block) === null;
  }

  /** Block validity of consensus §1.12, all but the clock bound. The execution comes back, so applying repeats nothing. */
  judge(block: Block, head: ChainHead): JudgedBlock {
    return this.execution.validateBlock(block, {
      state: head.state,
      parent: parentBlock(head, this.#identity),
      verify: this.crypto.verifySignature,
      verifyBeacon: this.crypto.verifyBeacon,
      verifiedSignatures: this.#verifiedSignatures,
      verifyCommit: (commit, validators) => this.isCertificate(commit, validators),
    });
  }

  /** True when the commit carries > 2/3 of the power with valid signatures. */
  isCertificate(commit: ExtendedCommit, validators: readonly Validator[]): boolean {
    const { chainId } = this.#identity;
    return verifyCommit({ chainId, commit, validators, verify: this.crypto.verifySignature }).ok;
  }

  /** Certificate of the block after the head, which the block after that may carry. */
  certifies(commit: ExtendedCommit, block: Block, head: ChainHead): boolean {
    return (
      isCarriable(commit, paramsOf(head)) &&
      commit.height === head.height + 1 &&
      block.header.height === commit.height &&
      this.idOf(block) === commit.blockId &&
      this.isWhole(block) &&
      this.isCertificate(commit, nextValidators(head))
    );
  }

  /** Proposer-based time: within the drift of this node's clock (consensus §1.12). */
  isTimely(block: Block, head: ChainHead, nowMs: TimestampMs): boolean {
    return Math.abs(nowMs - block.header.time) <= paramsOf(head).clockDriftMsMax;
  }
}

/**
 * Whether every extension is canonical and within its bound: one validator could sign its own anew, and whoever keeps such a
 * certificate cannot make the next block (state §8.2).
 */
export function isCarriable(
  { precommits }: ExtendedCommit,
  { extensionBytesMax }: Pick<ChainParams, 'extensionBytesMax'>,
): boolean {
  return precommits.every(
    ({ extension }) => extension.length <= extensionBytesMax && decodeVoteExtension(extension).ok,
  );
}
