/** Fixed values that pin the encoding. Owns nothing else: arbitraries.ts covers the ranges. */

import type { Answer, Hash, Transaction, TransactionBody } from '../../src/index.ts';
import * as chain from '../../src/index.ts';

export const secret: Uint8Array = chain.sha256(Buffer.from('synod sample secret'));
const sender = chain.publicKeyOf(secret);

export const sampleBody: TransactionBody = {
  chainId: 'synod-test',
  sender,
  salt: Uint8Array.from({ length: 16 }, (_, i) => i),
  validUntil: 128,
  maxBaseFeePerByte: 7n,
  tip: 1000n,
  payload: { type: 'transfer', to: chain.addressOf(sender), amount: 5_000_000_000n },
};

export const sampleTransaction: Transaction = {
  body: sampleBody,
  signature: chain.sign(secret, chain.transactionSignBytes(sampleBody)),
};

export const sampleAnswer: Answer = {
  segments: [
    { kind: 'quote', text: 'Paris is the capital.', source: 'atlas, CC0', index: 3, proof: ['11'.repeat(32) as Hash] },
    { kind: 'generated', text: ' So: Paris.', tokens: [1, 2, 70_000], logProbabilities: [0, 693, 65_535] },
  ],
  modelId: 'ab'.repeat(32) as Hash,
  promptTokens: 12,
  answerTokens: 3,
};
