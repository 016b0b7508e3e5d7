/** Codec of sealed boxes as nodes send them to one another (spec: codec §9). Owns field order; what is inside is privacy's. */
import type { SealedBox } from '../crypto/sealed-box.ts';
import type { Hash, PublicKey } from '../types/index.ts';
import { container, list } from './composites.ts';
import { codecLimits } from './limits.ts';
import { hash, publicKey } from './primitives.ts';
import { byteList, byteVector, createCodec, oneOf } from './schema.ts';

/** A prompt from the coordinator, or an answer from its author, for the committee of a private query. */
export type SealedMessage = { readonly queryId: Hash; readonly kind: 'prompt' | 'answer'; readonly box: SealedBox };

/** Canonical form of a sealed message. */
export const { encode: encodeSealedMessage, decode: decodeSealedMessage } = createCodec(
  'sealed message',
  container<SealedMessage>({
    queryId: hash,
    kind: oneOf(['prompt', 'answer']),
    box: container<SealedBox>({
      ephemeral: byteVector(32),
      keys: list(
        container<{ reader: PublicKey; wrapped: Uint8Array }>({ reader: publicKey, wrapped: byteVector(48) }),
        codecLimits.validators,
      ),
      body: byteList(codecLimits.answerBytes),
    }),
  }),
  codecLimits.transactionBytes,
);

/** What a sealed prompt holds: the text, and the salt that its hash on chain is made with. */
export type PrivatePrompt = { readonly prompt: string; readonly salt: Uint8Array };
