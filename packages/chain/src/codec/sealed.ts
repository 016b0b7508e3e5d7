/**
 * Codec of sealed boxes as nodes send them to one another, and of what a node keeps of a private query (spec: privacy §5.1).
 * Owns field order and the bytes that authors sign; who sends and keeps what is the host's.
 */
import { tagPrefix } from '../crypto/hash.ts';
import type { SealedBox } from '../crypto/sealed-box.ts';
import type { Address, Answer, Hash, Height, PublicKey, Round } from '../types/index.ts';
import { container, list, nullable } from './composites.ts';
import { codecLimits } from './limits.ts';
import { address, hash, publicKey, round, safeInteger, salt32, signature, text } from './primitives.ts';
import { byteList, byteVector, createCodec, oneOf } from './schema.ts';
import { answerSchema } from './transaction.ts';

/** What a box holds, and by whom: it opens under no other place. */
export type SealedPlace = {
  readonly queryId: Hash;
  readonly kind: 'prompt' | 'answer';
  /** The round an answer is of; 0 for the prompt. */
  readonly round: Round;
  /** Consensus key of the coordinator, or key of the expert that answered. */
  readonly author: PublicKey;
};

/** A prompt from the coordinator, or an answer from its author, for the committee of a private query. */
export type SealedMessage = SealedPlace & {
  /** Height of the author's chain when it sent this; rises with every repetition. */
  readonly sentAt: Height;
  readonly box: SealedBox;
  /** By the author over {@link sealedSignBytes}, 64 bytes. */
  readonly signature: Uint8Array;
};

const place = { queryId: hash, kind: oneOf(['prompt', 'answer']), round, author: publicKey } as const;

const box = container<SealedBox>({
  ephemeral: byteVector(32),
  keys: list(
    container<{ reader: PublicKey; wrapped: Uint8Array }>({ reader: publicKey, wrapped: byteVector(48) }),
    codecLimits.validators,
  ),
  body: byteList(codecLimits.answerBytes),
});

/** Canonical form of a sealed message. */
export const { encode: encodeSealedMessage, decode: decodeSealedMessage } = createCodec(
  'sealed message',
  container<SealedMessage>({ ...place, sentAt: safeInteger, box, signature }),
  codecLimits.transactionBytes,
);

const signed = createCodec(
  'sealed message content',
  container<Omit<SealedMessage, 'signature'> & { readonly chainId: string }>({
    chainId: text(codecLimits.chainIdBytes),
    ...place,
    sentAt: safeInteger,
    box,
  }),
  codecLimits.transactionBytes,
);

/** What an author signs: chain id and everything but the signature, in a domain of its own. */
export function sealedSignBytes(chainId: string, message: Omit<SealedMessage, 'signature'>): Uint8Array {
  const { queryId, kind, round: of, author, sentAt, box: sealed } = message;
  const content = { chainId, queryId, kind, round: of, author, sentAt, box: sealed };
  return signed.encodeBriefAfter(tagPrefix('synod/sign/sealed/1'), content);
}

const placed = createCodec('sealed place', container<SealedPlace>(place), codecLimits.recordBytes);

/** Additional data of a box's encryptions (privacy §3.3). It leaves out the height, so that a repetition is the same box. */
export function sealedContext({ queryId, kind, round: of, author }: SealedPlace): Uint8Array {
  return placed.encodeBriefAfter(tagPrefix('synod/sealed-place/1'), { queryId, kind, round: of, author });
}

/** What a sealed prompt holds: the text, and the salt that its hash on chain is made with. */
export type PrivatePrompt = { readonly prompt: string; readonly salt: Uint8Array };

const prompt = container<PrivatePrompt>({ prompt: text(codecLimits.promptBytes), salt: salt32 });

/** Canonical form of what a sealed prompt holds. */
export const { encode: encodePrivatePrompt, decode: decodePrivatePrompt } = createCodec(
  'private prompt',
  prompt,
  codecLimits.answerBytes,
);

/** An answer of a private query in full. */
export type PrivateAnswer = { readonly expert: Address; readonly round: Round; readonly answer: Answer };

/** What a node keeps of a private query while it is in state. */
export type PrivateNote = {
  readonly prompt: PrivatePrompt | null;
  readonly answers: readonly PrivateAnswer[];
  /** Hash of the key that opens texts to the requester; null where this node did not open the query. */
  readonly readKeyHash: Hash | null;
  /** Last height at which the query may still be opened; 0 where it was in state when the note began. */
  readonly openBy: Height;
};

/** Canonical form of a note. */
export const { encode: encodePrivateNote, decode: decodePrivateNote } = createCodec(
  'private note',
  container<PrivateNote>({
    prompt: nullable(prompt),
    answers: list(
      container<PrivateAnswer>({ expert: address, round, answer: answerSchema }),
      codecLimits.respondents * codecLimits.rounds,
    ),
    readKeyHash: nullable(hash),
    openBy: safeInteger,
  }),
  codecLimits.queryStateBytes,
);
