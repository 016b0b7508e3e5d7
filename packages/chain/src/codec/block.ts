/** Codecs of blocks, votes, certificates, vote extensions and evidence (spec: codec §7). Owns field order and selectors. */
import type {
  Block,
  CommitPrecommit,
  Evidence,
  ExtendedCommit,
  ExtensionItem,
  GroupScore,
  Header,
  NamedSignature,
  Proposal,
  ScoreReveal,
  SignedHeader,
  Vote,
  VoteExtension,
} from '../types/index.ts';
import { container, list, nullable, tagged } from './composites.ts';
import { learningItems } from './learning.ts';
import { codecLimits } from './limits.ts';
import { groupChecksSchema } from './market.ts';
import { oncePerObject } from './once-per-object.ts';
import { address, hash, ppm, round, roundOrNone, safeInteger, salt32, signature, text, u32 } from './primitives.ts';
import { byteList, byteVector, createCodec, oneOf, type Schema } from './schema.ts';
import { transactionSchema } from './transaction.ts';

const headerSchema: Schema<Header> = container<Header>({
  protocolVersion: u32,
  chainId: text(codecLimits.chainIdBytes),
  height: safeInteger,
  time: safeInteger,
  lastBlockId: hash,
  lastCommitRoot: hash,
  extensionsRoot: hash,
  validatorsHash: hash,
  nextValidatorsHash: hash,
  paramsHash: hash,
  stateRoot: hash,
  resultsRoot: hash,
  transactionsRoot: hash,
  evidenceRoot: hash,
  beaconProof: byteVector(80),
  proposer: address,
});

const extensionBytes = byteList(codecLimits.extensionBytes);

const commitPrecommitSchema: Schema<CommitPrecommit> = container<CommitPrecommit>({
  validator: u32,
  signature,
  extension: extensionBytes,
  extensionSignature: signature,
});

const extendedCommitSchema: Schema<ExtendedCommit> = container<ExtendedCommit>({
  height: safeInteger,
  round,
  blockId: hash,
  precommits: list(commitPrecommitSchema, codecLimits.validators),
});

const voteSchema: Schema<Vote> = container<Vote>({
  type: oneOf(['prevote', 'precommit']),
  height: safeInteger,
  round,
  blockId: nullable(hash),
  validator: address,
  signature,
  extension: nullable(container({ bytes: extensionBytes, signature })),
});

const proposalSchema: Schema<Proposal> = container<Proposal>({
  height: safeInteger,
  round,
  polRound: roundOrNone,
  blockId: hash,
  proposer: address,
  signature,
});

/** What a score commitment covers, and a node keeps until it may open it. */
export type ScoreContent = Pick<ScoreReveal, 'scores' | 'checks'>;

/** Group and score of each answer group, as committed to and revealed. */
export const groupScoresSchema: Schema<readonly GroupScore[]> = list(
  container<GroupScore>({ group: u32, score: ppm }),
  codecLimits.respondents,
);

const extensionItemSchema: Schema<ExtensionItem> = tagged<ExtensionItem, 'kind'>('kind', {
  'score.commit': container({ queryId: hash, commitment: hash }),
  'score.reveal': container({ queryId: hash, salt: salt32, scores: groupScoresSchema, checks: groupChecksSchema }),
  ...learningItems,
});

const voteExtensionSchema: Schema<VoteExtension> = container<VoteExtension>({
  items: list(extensionItemSchema, codecLimits.extensionItems),
});

const signedHeaderSchema: Schema<SignedHeader> = container<SignedHeader>({
  header: headerSchema,
  round,
  signatures: list(container<NamedSignature>({ validator: address, signature }), codecLimits.validators),
});

const evidenceSchema: Schema<Evidence> = tagged<Evidence, 'kind'>('kind', {
  'duplicate.vote': container({ first: voteSchema, second: voteSchema }),
  'duplicate.proposal': container({ first: proposalSchema, second: proposalSchema }),
  'light.attack': container({
    commonHeight: safeInteger,
    trusted: signedHeaderSchema,
    conflicting: signedHeaderSchema,
  }),
});

const blockSchema: Schema<Block> = container<Block>({
  header: headerSchema,
  transactions: list(transactionSchema, codecLimits.transactionsPerBlock),
  lastCommit: nullable(extendedCommitSchema),
  evidence: list(evidenceSchema, codecLimits.evidencePerBlock),
});

/** Canonical form of a header: what the block id covers. */
export const { encodeBrief: encodeHeader, decode: decodeHeader } = createCodec(
  'header',
  headerSchema,
  codecLimits.headerBytes,
);

/** Canonical form of a block. */
export const { encode: encodeBlock, decode: decodeBlock } = createCodec('block', blockSchema, codecLimits.blockBytes);

/** Canonical form of an extended commit: bounded like the block that carries it. */
export const { encode: encodeExtendedCommit, decode: decodeExtendedCommit } = createCodec(
  'extended commit',
  extendedCommitSchema,
  codecLimits.blockBytes,
);

/** Canonical form of one precommit of a commit. */
export const { encodeBrief: encodeCommitPrecommit, decode: decodeCommitPrecommit } = createCodec(
  'commit precommit',
  commitPrecommitSchema,
  codecLimits.voteBytes,
);

const voteCodec = createCodec('vote', voteSchema, codecLimits.voteBytes);

/** Canonical form of a vote. */
export const { decode: decodeVote } = voteCodec;

/** Once for every vote object: the log, gossip and every peer that lacks it get the same bytes, not to be changed. */
export const encodeVote: (vote: Vote) => Uint8Array = oncePerObject(voteCodec.encodeBrief);

const proposalCodec = createCodec('proposal', proposalSchema, codecLimits.proposalBytes);

/** Canonical form of a proposal. */
export const { decode: decodeProposal } = proposalCodec;

/** Once for every proposal object, as a vote's. */
export const encodeProposal: (proposal: Proposal) => Uint8Array = oncePerObject(proposalCodec.encodeBrief);

/** Canonical form of a vote extension. */
export const { encode: encodeVoteExtension, decode: decodeVoteExtension } = createCodec(
  'vote extension',
  voteExtensionSchema,
  codecLimits.extensionBytes,
);

/** Canonical form of evidence. */
export const { encode: encodeEvidence, decode: decodeEvidence } = createCodec(
  'evidence',
  evidenceSchema,
  codecLimits.evidenceBytes,
);

/** Canonical form of scores: what a score commitment covers. */
export const { encode: encodeScoreContent, decode: decodeScoreContent } = createCodec(
  'score list',
  container<ScoreContent>({ scores: groupScoresSchema, checks: groupChecksSchema }),
  codecLimits.extensionBytes,
);
