/**
 * The bytes that signatures cover (spec: codec §4): SHA-256 of a tag, then a canonical container. Owns the six domains;
 * no two can ever agree on their first 32 bytes, so a signature in one is worth nothing in another.
 */
import { tagPrefix } from '../crypto/hash.ts';
import type { Address, Hash, Height, Proposal, PublicKey, Round, TransactionBody, VoteType } from '../types/index.ts';
import { container, nullable } from './composites.ts';
import { codecLimits } from './limits.ts';
import { address, hash, publicKey, round, roundOrNone, safeInteger, text } from './primitives.ts';
import { byteList, createCodec, oneOf } from './schema.ts';
import { encodeTransactionBodyAfter } from './transaction.ts';

const chainId = text(codecLimits.chainIdBytes);
const bytesMax = codecLimits.extensionBytes + 1024;

/** What a sender signs: its whole body, chain id included. */
export function transactionSignBytes(body: TransactionBody): Uint8Array {
  return encodeTransactionBodyAfter(tagPrefix('synod/sign/transaction/1'), body);
}

/** A proposal as it is signed: what it says, not who says it. */
export type ProposalContent = Omit<Proposal, 'signature' | 'proposer'>;

const proposalContent = createCodec(
  'proposal content',
  container<ProposalContent & { readonly chainId: string }>({
    chainId,
    height: safeInteger,
    round,
    polRound: roundOrNone,
    blockId: hash,
  }),
  bytesMax,
);

/** What a proposer signs: chain id, height, round, proof-of-lock round, block id (consensus §1.6). */
export function proposalSignBytes(chain: string, proposal: ProposalContent): Uint8Array {
  const { height, round, polRound, blockId } = proposal;
  const content = { chainId: chain, height, round, polRound, blockId };
  return proposalContent.encodeBriefAfter(tagPrefix('synod/sign/proposal/1'), content);
}

/** A vote as it is signed. */
export type VoteContent = {
  readonly type: VoteType;
  readonly height: Height;
  readonly round: Round;
  readonly blockId: Hash | null;
};

const voteContent = createCodec(
  'vote content',
  container<VoteContent & { readonly chainId: string }>({
    chainId,
    type: oneOf(['prevote', 'precommit']),
    height: safeInteger,
    round,
    blockId: nullable(hash),
  }),
  bytesMax,
);

/** What a voter signs: chain id, type, height, round, block id or nil (consensus §1.6). */
export function voteSignBytes(chain: string, vote: VoteContent): Uint8Array {
  const { type, height, round, blockId } = vote;
  return voteContent.encodeBriefAfter(tagPrefix('synod/sign/vote/1'), { chainId: chain, type, height, round, blockId });
}

/** A vote extension as it is signed. */
export type ExtensionContent = {
  readonly height: Height;
  readonly round: Round;
  readonly blockId: Hash;
  /** Encoded `VoteExtension`. */
  readonly extension: Uint8Array;
};

const extensionContent = createCodec(
  'extension content',
  container<ExtensionContent & { readonly chainId: string }>({
    chainId,
    height: safeInteger,
    round,
    blockId: hash,
    extension: byteList(codecLimits.extensionBytes),
  }),
  bytesMax,
);

/** What a voter signs beside a non-nil precommit (DESIGN §9). */
export function extensionSignBytes(chain: string, content: ExtensionContent): Uint8Array {
  const { height, round, blockId, extension } = content;
  const signed = { chainId: chain, height, round, blockId, extension };
  return extensionContent.encodeBriefAfter(tagPrefix('synod/sign/extension/1'), signed);
}

/** Which expert an operator calls its own. */
export type ConsentContent = { readonly operator: Address; readonly expert: Address };

const consentContent = createCodec(
  'consent content',
  container<ConsentContent & { readonly chainId: string }>({ chainId, operator: address, expert: address }),
  bytesMax,
);

/** What an operator signs so that an expert may register in its name (market §1). */
export function consentSignBytes(chain: string, content: ConsentContent): Uint8Array {
  return consentContent.encodeBriefAfter(tagPrefix('synod/sign/consent/1'), { ...content, chainId: chain });
}

/** Whose keys are proven, and on which chain. */
export type PossessionContent = {
  readonly operator: Address;
  readonly publicKey: PublicKey;
  readonly vrfKey: PublicKey;
};

const possessionContent = createCodec(
  'possession content',
  container<PossessionContent & { readonly chainId: string }>({
    chainId,
    operator: address,
    publicKey,
    vrfKey: publicKey,
  }),
  bytesMax,
);

/** What a new validator's two keys prove possession over (spec: staking §3). */
export function possessionSignBytes(chain: string, content: PossessionContent): Uint8Array {
  return possessionContent.encodeBriefAfter(tagPrefix('synod/sign/possession/1'), { ...content, chainId: chain });
}
