/**
 * What bytes from peers say, decoded once for the same bytes, which must not change after they came in. Owns the memos; what is
 * accepted from whom is inbox.ts.
 */
import {
  decodeBlock,
  decodeProposal,
  decodeVote,
  extensionSignBytes,
  oncePerObject,
  privateSlot,
  type Vote,
  voteSignBytes,
} from '@synod/chain';
import { decodeProposalMessage } from './messages.ts';

export const voteOf: typeof decodeVote = oncePerObject(decodeVote);
export const proposalMessageOf: typeof decodeProposalMessage = oncePerObject(decodeProposalMessage);
export const proposalOf: typeof decodeProposal = oncePerObject(decodeProposal);
export const blockOf: typeof decodeBlock = oncePerObject(decodeBlock);

/** The bytes under a vote's signature on this chain, made once for all who look at the same vote; nobody may change them. */
export const voteBytesOf: (chainId: string, vote: Vote) => Uint8Array = oncePerVote(voteSignBytes);

/** The same for the extension's signature, of a precommit for a block. */
export const extensionBytesOf: (chainId: string, vote: Vote) => Uint8Array = oncePerVote(
  (chainId, { height, round, blockId, extension }) => {
    if (blockId === null || extension === null) throw new RangeError('a vote without an extension');
    return extensionSignBytes(chainId, { height, round, blockId, extension: extension.bytes });
  },
);

/** Of one chain a vote; a process that follows several makes the bytes again when it changes between them. */
function oncePerVote(make: (chainId: string, vote: Vote) => Uint8Array): typeof make {
  const known = privateSlot<Vote, { readonly chainId: string; readonly bytes: Uint8Array }>();
  return (chainId, vote) => {
    const before = known.read(vote);
    if (before?.chainId === chainId) return before.bytes;
    const bytes = make(chainId, vote);
    known.write(vote, { chainId, bytes });
    return bytes;
  };
}
