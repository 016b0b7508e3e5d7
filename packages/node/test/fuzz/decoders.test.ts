/** Every decoder of what a peer sends: total, canonical, quick. What decodes is what its own encoding decodes to. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as chain from '@synod/chain';
import {
  decodeDirect,
  decodeProposalMessage,
  decodeTransactionBatch,
  encodeDirect,
  encodeProposalMessage,
  encodeTransactionBatch,
} from '../../src/host/messages.ts';
import { bundleAt, harbour, passages } from '../host/harbour.ts';
import { alice, expertSeed, recipeOf } from '../host/lab.ts';
import { campaign, runs } from './campaign.ts';
import { record } from './recording.ts';

type Strict = {
  readonly decode: (bytes: Uint8Array) => chain.Decoded<unknown>;
  readonly encode: (value: never) => Uint8Array;
};

/** Reasons differ by numbers; the way of answering is the sentence without them. */
const withoutNumbers = (reason: string): string => reason.replace(/\d+/g, '#');

function strictly({ decode, encode }: Strict): (bytes: Uint8Array) => string {
  return (bytes) => {
    const result = decode(bytes);
    if (!result.ok) return withoutNumbers(result.reason);
    assert.deepEqual(Buffer.from(encode(result.value as never)), Buffer.from(bytes), 'decoded, yet not canonical');
    return 'ok';
  };
}

function framed<T>(
  decode: (bytes: Uint8Array) => T | null,
  encode: (value: T) => Uint8Array,
  kind: (value: T) => string,
) {
  return (bytes: Uint8Array): string => {
    const value = decode(bytes);
    if (value === null) return 'refused';
    const again = decode(encode(value));
    assert.deepEqual(again, value, 'a decoded message does not survive its own encoding');
    return kind(value);
  };
}

const recorded = record();

/** Some other chunk than the recorded ones under the root of one of them: there must be none. */
function openedChunk(bytes: Uint8Array): string {
  const manifest = chain.decodeManifest(recorded.manifests[0]!);
  assert.ok(manifest.ok);
  const root = manifest.value.chunks[1]!;
  const opened = chain.openChunk(bytes, { depth: manifest.value.depth, index: 1, root });
  if (!opened.ok) return withoutNumbers(opened.reason);
  assert.deepEqual(Buffer.from(bytes), Buffer.from(recorded.chunks[1]!), 'another chunk under the same root');
  return 'ok';
}

const feedbackBlob: chain.FeedbackBlob = {
  formatVersion: 1,
  queryId: chain.ZERO_HASH,
  domain: 'general',
  author: alice,
  rating: 'correct',
  prompt: 'What is the capital of France?',
  answer: 'Lyon “of course”.',
  correction: 'The capital of France is Paris.',
  source: 'https://example.org',
  licence: 'CC-BY-4.0',
  consent: 'train',
};

const KEY_BYTES = 32;
const SIGNATURE_AT = 64;
const TEXT_AT = 128;
const knowledgeSeed = expertSeed(0);
const knowledgeKey = chain.publicKeyOf(knowledgeSeed);
const knownBy = chain.addressOf(knowledgeKey);

const rootIn = (bytes: Uint8Array): chain.Hash => chain.toHex(bytes.subarray(KEY_BYTES, SIGNATURE_AT)) as chain.Hash;

/** The id of the key and the root that the bytes begin with, whoever signed them: under it, the signature is what refuses. */
function claimedId(bytes: Uint8Array): chain.Hash {
  if (bytes.length < SIGNATURE_AT) return chain.ZERO_HASH;
  const key = chain.toHex(bytes.subarray(0, KEY_BYTES)) as chain.PublicKey;
  return chain.knowledgeId(chain.addressOf(key), rootIn(bytes));
}

/** As it stands, which the signature refuses; and as if its expert had signed this very text: what only the further checks refuse. */
function openedKnowledge(bytes: Uint8Array): string {
  const claimed = claimedId(bytes);
  const stated = chain.openKnowledgeBundle(bytes, claimed);
  if (stated.ok) assert.equal(chain.knowledgeIdOf(bytes), claimed);
  if (bytes.length < TEXT_AT) return stated.ok ? 'ok' : withoutNumbers(stated.problem);
  const root = rootIn(bytes);
  const message = chain.knowledgeSignBytes(root, bytes.subarray(TEXT_AT));
  const signature = chain.sign(knowledgeSeed, message);
  const signed = bytes.slice();
  signed.set(chain.fromHex(knowledgeKey));
  signed.set(signature, SIGNATURE_AT);
  const opened = chain.openKnowledgeBundle(signed, chain.knowledgeId(knownBy, root));
  if (!opened.ok)
    return withoutNumbers(opened.problem)
      .replace(/".*"/s, '""')
      .replace(/kebab-case.*/s, 'kebab-case');
  // What is written again must be signed again: the same message has the same signature.
  const sign = (again: Uint8Array) => {
    assert.equal(Buffer.compare(again, message), 0, 'opened, yet another message is signed');
    return signature;
  };
  const again = chain.encodeKnowledgeBundle(opened.value, { publicKey: knowledgeKey, sign });
  assert.ok(again.ok && Buffer.compare(again.value, signed) === 0, 'opened, yet not canonical');
  return stated.ok ? 'ok' : 'ok once signed';
}

const targets = [
  {
    name: 'transaction',
    good: recorded.transactions,
    answer: strictly({ decode: chain.decodeTransaction, encode: chain.encodeTransaction }),
  },
  {
    name: 'recipe',
    good: [0, 1, 2].map((node) => chain.encodeRecipe(recipeOf(node))),
    answer: framed(chain.decodeRecipe, chain.encodeRecipe, () => 'ok'),
  },
  {
    name: 'knowledge-bundle',
    good: [
      bundleAt(0),
      bundleAt(0, harbour(passages.slice(1))),
      bundleAt(
        0,
        harbour(passages, { aliases: [['pier 0', ['the old pier', 'P0']]], relations: [['depth', ['how deep']]] }),
      ),
    ],
    answer: openedKnowledge,
    // As it stands, signed, and written again.
    readings: 3,
  },
  {
    name: 'feedback-blob',
    good: [feedbackBlob, { ...feedbackBlob, rating: 'good' as const, correction: null, source: null }].map(
      chain.encodeFeedbackBlob,
    ),
    answer: (bytes: Uint8Array): string => {
      const blob = chain.decodeFeedbackBlob(bytes);
      if (blob === null) return 'refused';
      assert.deepEqual(Buffer.from(chain.encodeFeedbackBlob(blob)), Buffer.from(bytes), 'decoded, yet not canonical');
      return blob.rating;
    },
  },
  {
    name: 'header',
    good: recorded.headers,
    answer: strictly({ decode: chain.decodeHeader, encode: chain.encodeHeader }),
  },
  { name: 'block', good: recorded.blocks, answer: strictly({ decode: chain.decodeBlock, encode: chain.encodeBlock }) },
  {
    name: 'extended-commit',
    good: recorded.commits,
    answer: strictly({ decode: chain.decodeExtendedCommit, encode: chain.encodeExtendedCommit }),
  },
  { name: 'vote', good: recorded.votes, answer: strictly({ decode: chain.decodeVote, encode: chain.encodeVote }) },
  {
    name: 'proposal',
    good: recorded.proposals,
    answer: strictly({ decode: chain.decodeProposal, encode: chain.encodeProposal }),
  },
  {
    name: 'vote-extension',
    good: recorded.extensions,
    answer: strictly({ decode: chain.decodeVoteExtension, encode: chain.encodeVoteExtension }),
  },
  {
    name: 'evidence',
    good: recorded.evidence,
    answer: strictly({ decode: chain.decodeEvidence, encode: chain.encodeEvidence }),
  },
  {
    name: 'light-block',
    good: recorded.lightBlocks,
    answer: strictly({ decode: chain.decodeLightBlock, encode: chain.encodeLightBlock }),
  },
  {
    name: 'snapshot-manifest',
    good: recorded.manifests,
    answer: strictly({ decode: chain.decodeManifest, encode: chain.encodeManifest }),
  },
  {
    name: 'sealed-message',
    good: recorded.sealed,
    answer: strictly({ decode: chain.decodeSealedMessage, encode: chain.encodeSealedMessage }),
  },
  {
    name: 'private-prompt',
    good: recorded.privatePrompts,
    answer: strictly({ decode: chain.decodePrivatePrompt, encode: chain.encodePrivatePrompt }),
  },
  {
    name: 'private-note',
    good: recorded.privateNotes,
    answer: strictly({ decode: chain.decodePrivateNote, encode: chain.encodePrivateNote }),
  },
  { name: 'snapshot-chunk', good: recorded.chunks, answer: openedChunk },
  { name: 'direct-message', good: recorded.direct, answer: framed(decodeDirect, encodeDirect, ({ kind }) => kind) },
  {
    name: 'transaction-batch',
    good: recorded.transactionBatches,
    answer: framed(decodeTransactionBatch, encodeTransactionBatch, (batch) => `${Math.min(batch.length, 3)} parts`),
  },
  {
    name: 'proposal-message',
    good: recorded.proposalMessages,
    answer: framed(
      decodeProposalMessage,
      ({ proposal, block }) => encodeProposalMessage(proposal, block),
      () => 'ok',
    ),
  },
];

for (const target of targets) {
  test(`${target.name}: ${runs} inputs`, (context) => {
    const { ways, slowestMs } = campaign(target);
    context.diagnostic(`${ways} ways of answering, slowest ${slowestMs.toFixed(1)} ms`);
    assert.ok(ways >= 2, 'nothing was refused, or nothing was accepted');
  });
}
