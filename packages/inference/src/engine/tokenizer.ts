/**
 * The causal model's tokenizer, read from local files alone. Owns the mapping text → ids and id → bytes; the chat template
 * belongs to chat.ts, whole characters to detokenizer.ts.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PreTrainedTokenizer } from '@xenova/transformers';
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
  if (file.decoder?.type !== 'ByteLevel') {
    throw new EngineError(
      'MODEL_ERROR',
      'This model has no byte-level tokenizer. Choose a model with a byte-level BPE.',
      {
        facts: { directory, decoder: file.decoder?.type ?? 'none' },
      },
    );
  }
  const tokenizer = new PreTrainedTokenizer(file, config);
  const added = file.added_tokens ?? [];
  const special = new Set(added.filter((token) => token.special).map((token) => token.id));
  const bytes = tokenBytes(file, special);
  const spellings = added.map((token) => token.content).filter((content) => content.length > 1);
  return {
    encode: (text) =>
      splitSpellings(text, spellings).flatMap(
        (piece) => tokenizer.encode(piece, { add_special_tokens: false }) as number[],
      ),
    bytesOf: (token) => bytes[token] ?? EMPTY,
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

function tokenBytes(file: TokenizerFile, special: ReadonlySet<number>): Uint8Array[] {
  const byteOf = byteAlphabet();
  const bytes: Uint8Array[] = [];
  for (const [token, id] of Object.entries(file.model.vocab)) {
    bytes[id] = special.has(id) ? EMPTY : Uint8Array.from(token, (character) => byteOf.get(character) ?? 0x3f);
  }
  for (const token of file.added_tokens ?? []) {
    bytes[token.id] = token.special ? EMPTY : new TextEncoder().encode(token.content);
  }
  return bytes;
}

/** Byte-level BPE writes each byte as one printable character: itself where printable, else the next from U+0100 on. */
function byteAlphabet(): Map<string, number> {
  const isPrintable = (byte: number) => (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte !== 0xad);
  const alphabet = new Map<string, number>();
  let next = 0x100;
  for (let byte = 0; byte < 256; byte++) alphabet.set(String.fromCharCode(isPrintable(byte) ? byte : next++), byte);
  return alphabet;
}
