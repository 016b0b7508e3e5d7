/**
 * Recorded tokens as the list of a choice's `logprobs` (spec: openai §3.6). Owns that the tokens make the text that they are shown with, and
 * which of them are shown of a text that was cut.
 */
import type { GeneratedSegment, Segment } from '@synod/chain';

/** One token as stock clients take it; `token` has U+FFFD for what is no whole character, `bytes` has it all. */
export type TokenJson = {
  readonly token: string;
  /** Natural logarithm, in thousandths as the chain has it. */
  readonly logprob: number;
  readonly bytes: readonly number[];
  /** The chain records none. */
  readonly top_logprobs: readonly [];
};

const utf8Length = (text: string): number => Buffer.byteLength(text, 'utf8');

/**
 * The tokens of the generated segments, in order, each wholly within the first `shownBytes` of the answer; all of a segment that is shown
 * whole. `bytes` are those of all the tokens. Null where they do not make the segments' texts.
 */
export function tokenList(
  segments: readonly Segment[],
  { bytes, shownBytes }: { readonly bytes: readonly Uint8Array[]; readonly shownBytes: number },
): readonly TokenJson[] | null {
  const list: TokenJson[] = [];
  let textFrom = 0;
  let tokensFrom = 0;
  for (const segment of segments) {
    const textTo = textFrom + utf8Length(segment.text);
    if (segment.kind === 'generated') {
      const own = bytes.slice(tokensFrom, tokensFrom + segment.tokens.length);
      const ends = endsIn(segment, own);
      if (ends === null) return null;
      const isShown = (end: number) => textTo <= shownBytes || textFrom + end <= shownBytes;
      list.push(...own.flatMap((token, at) => (isShown(ends[at]!) ? [tokenJson(segment, at, token)] : [])));
      tokensFrom += segment.tokens.length;
    }
    textFrom = textTo;
  }
  return tokensFrom === bytes.length ? list : null;
}

function tokenJson({ logProbabilities }: GeneratedSegment, at: number, bytes: Uint8Array): TokenJson {
  const milliNats = logProbabilities[at]!;
  return {
    token: decoder().decode(bytes),
    logprob: milliNats === 0 ? 0 : -milliNats / 1000,
    bytes: [...bytes],
    top_logprobs: [],
  };
}

/**
 * Where each token ends in the segment's text, in bytes; null where the tokens say something else. White space around the text counts for
 * nothing: a phrasing is trimmed, and parted from its quote (answering §4).
 */
function endsIn({ text, tokens, logProbabilities }: GeneratedSegment, bytes: readonly Uint8Array[]): number[] | null {
  if (bytes.length !== tokens.length || logProbabilities.length !== tokens.length) return null;
  if (bytes.some(({ length }) => length === 0)) return null;
  const written = decoder();
  let told = '';
  const ends: number[] = [];
  let length = 0;
  let tail: readonly number[] = [];
  for (const token of bytes) {
    const whole = written.decode(token, { stream: true });
    told += whole;
    length += utf8Length(whole);
    tail = [...tail, ...token.slice(-TAIL_BYTES)].slice(-TAIL_BYTES);
    // What ends within a character is shown with its end.
    ends.push(isWithinCharacter(tail) ? length + 1 : length);
  }
  if (told.trim() !== text.trim()) return null;
  const moved = leadingBytes(text) - leadingBytes(told);
  return ends.map((end) => end + moved);
}

/** Most bytes of a character before its last one. */
const TAIL_BYTES = 3;

/** Whether bytes that end so lack the end of a character. */
function isWithinCharacter(tail: readonly number[]): boolean {
  const lead = tail.findLastIndex((byte) => (byte & 0xc0) !== 0x80);
  const byte = tail[lead] ?? 0;
  const due = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
  return tail.length - lead < due;
}

const leadingBytes = (text: string): number => utf8Length(text) - utf8Length(text.trimStart());

/** As an expert's worker reads its tokens: what is no character is U+FFFD, and an incomplete last one is not given out. */
const decoder = () => new TextDecoder('utf-8', { ignoreBOM: true });
