/** What a refused transaction's code means to its sender and what to do next. Owns the sentences only. */
const sentences: Readonly<Record<string, string>> = {
  BAD_SIGNATURE: 'The signature does not match the sender and the body. Sign it again with the right key and chain id.',
  DUPLICATE: 'This transaction was accepted before. Look it up by its id instead of sending it again.',
  EXPIRED: 'Its validUntil has passed or lies too far ahead. Sign it anew with a validUntil within 128 heights.',
  FEE_TOO_LOW: 'Its maxBaseFeePerByte is below the current base fee. Sign it anew with a higher one.',
  INSUFFICIENT_BALANCE: 'The sender cannot pay for it. Send less, or fund the account.',
  MALFORMED: 'Encode it as docs/spec/codec.md says.',
  MEMPOOL_FULL: 'This node has no room for more transactions. Try again in a few blocks, or raise the tip.',
  WRONG_CHAIN: 'It was signed for another chain. Check the chain id.',
};

/** A sentence with the next step, or null for a code without one. */
export function describeRefusal(code: string): string | null {
  return sentences[code] ?? null;
}
