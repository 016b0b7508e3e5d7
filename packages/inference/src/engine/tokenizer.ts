/**
 * The causal model's tokenizer, read from local files alone. Owns the mapping text → ids and id → bytes; the chat template
 * belongs to chat.ts, whole characters to detokenizer.ts. Of `@huggingface/transformers` it takes
 * the tokenizers alone, which are a package of their own: the whole library would bring image codecs into every worker.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import type { ChatMessage } from '../client/protocol.ts';
import { EngineError } from './errors.ts';

export type TextTokenizer = {
  /** Ids of `text`. Special tokens spelled out in it are treated as ordinary text: a user cannot end a turn. */
  encode(text: string): number[];
  /** The bytes a token stands for; none for special tokens. One character may span several tokens. */
  bytesOf(token: number): Uint8Array;
  isSpecial(token: number): boolean;
  /** Prompt ids by the model's own template, where it is not ChatML. */
  encodeConversation?(messages: readonly ChatMessage[]): number[];
};

type TokenizerFile = {
  readonly model: { readonly vocab: Readonly<Record<string, number>> };
  readonly decoder?: { readonly type?: string } | null;
  readonly added_tokens?: readonly { readonly id: number; readonly content: string; readonly special: boolean }[];
};

/** Reads `tokenizer.json` and `tokenizer_config.json` of `directory`. Throws MODEL_ERROR unless it is a byte-level BPE. */
export async function loadTokenizer(directory: string): Promise<TextTokenizer> {
  const file = await readJson<TokenizerFile>(join(directory, 'tokenizer.json'));
  const config = await readJson<Record<string, unknown>>(join(directory, 'tokenizer_config.json'));
  if (file?.decoder?.type !== 'ByteLevel') {
    throw new EngineError(
      'MODEL_ERROR',
      'This model has no byte-level tokenizer. Choose a model with a byte-level BPE.',
      {
        facts: { directory, decoder: file?.decoder?.type ?? 'none' },
      },
    );
  }
  return usableTokenizer(directory, () => tokenizerOf(file, config));
}

/** What `make` gives, or one MODEL_ERROR for whatever the files of `directory` make it throw. */
export function usableTokenizer<T>(directory: string, make: () => T): T {
  try {
    return make();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new EngineError(
      'MODEL_ERROR',
      `The tokenizer of ${directory} cannot be used: ${why}. Fetch the model's files again, or name another --model.`,
      { facts: { directory }, cause },
    );
  }
}

function tokenizerOf(file: TokenizerFile, config: Record<string, unknown>): TextTokenizer {
  const tokenizer = new Tokenizer(file, config);
  const added = file.added_tokens ?? [];
  const special = new Set(added.filter((token) => token.special).map((token) => token.id));
  const bytes = tokenBytes(file);
  const spellings = added.map((token) => token.content).filter((content) => content.length > 1);
  return {
    encode: (text) =>
      splitSpellings(text, spellings).flatMap((piece) => tokenizer.encode(piece, { add_special_tokens: false }).ids),
    bytesOf: (token) => (special.has(token) ? EMPTY : (bytes(token) ?? EMPTY)),
    isSpecial: (token) => special.has(token),
  };
}

const EMPTY = new Uint8Array(0);

/** Parses a JSON file of a model folder; throws MODEL_ERROR with the path when it cannot. */
export async function readJson<T>(path: string): Promise<T> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T;
  } catch (cause) {
    throw new EngineError(
      'MODEL_ERROR',
      `Could not read ${path}. Remove the model folder and start again to rebuild it.`,
      {
        facts: { path },
        cause,
      },
    );
  }
}

/** Cuts every spelled-out added token in two, so that no piece contains one whole. */
function splitSpellings(text: string, spellings: readonly string[]): string[] {
  const cuts = new Set<number>();
  for (const spelling of spellings) {
    for (let at = text.indexOf(spelling); at >= 0; at = text.indexOf(spelling, at + 1))
      cuts.add(at + (spelling.length >> 1));
  }
  if (cuts.size === 0) return text === '' ? [] : [text];
  const edges = [0, ...[...cuts].sort((a, b) => a - b), text.length];
  return edges.slice(1).map((end, i) => text.slice(edges[i], end));
}

/**
 * The bytes of a token, made when they are asked for: fifty thousand small arrays at every start would cost a worker a tenth of a second.
 * Undefined for what is no token.
 */
function tokenBytes({ model, added_tokens = [] }: TokenizerFile): (token: number) => Uint8Array | undefined {
  const byteOf = byteAlphabet();
  const spellings: string[] = [];
  for (const [spelling, id] of Object.entries(model.vocab)) spellings[id] = spelling;
  const added = new Map(added_tokens.map(({ id, content }) => [id, content]));
  return (token) => {
    const text = added.get(token);
    if (text !== undefined) return new TextEncoder().encode(text);
    const spelling = spellings[token];
    return spelling === undefined ? undefined : Uint8Array.from(spelling, (character) => byteOf.get(character) ?? 0x3f);
  };
}

/** Byte-level BPE writes each byte as one printable character: itself where printable, else the next from U+0100 on. */
function byteAlphabet(): Map<string, number> {
  const isPrintable = (byte: number) => (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte !== 0xad);
  const alphabet = new Map<string, number>();
  let next = 0x100;
  for (let byte = 0; byte < 256; byte++) alphabet.set(String.fromCharCode(isPrintable(byte) ? byte : next++), byte);
  return alphabet;
}
