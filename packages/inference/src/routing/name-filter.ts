/**
 * Names that a domain knows, as a Bloom filter: small, exact about what it holds, wrong about strangers once in a hundred. Owns hashing
 * and the look-up of runs of words.
 */
import { words } from '../scoring/key-terms.ts';

/** Bits a name and hash functions: about 1 % false hits. */
const BITS_A_NAME = 10;
const HASHES = 7;
/** Longest name looked for, in words; shortest, in characters. */
const NAME_WORDS_MAX = 5;
const NAME_CHARACTERS_MIN = 3;

export type NameFilter = {
  /** Share of the text's words that lie in known names, 0 … 1, and the words of the longest one. */
  find(text: string): { readonly share: number; readonly longest: number };
};

/** In base64. Equal sets of names give equal filters. */
export function encodeNames(names: Iterable<string>): string {
  const keys = [...new Set([...names].map((name) => words(name).join(' ')))].filter(isUsable);
  const bits = Buffer.alloc(Math.ceil((keys.length * BITS_A_NAME) / 8) + 1);
  for (const key of keys) {
    for (const bit of bitsOf(key, bits.length * 8)) bits[bit >> 3]! |= 1 << (bit & 7);
  }
  return bits.toString('base64');
}

export function createNameFilter(encoded: string): NameFilter {
  const bits = Buffer.from(encoded, 'base64');
  const has = (key: string) =>
    isUsable(key) && bitsOf(key, bits.length * 8).every((bit) => (bits[bit >> 3]! & (1 << (bit & 7))) !== 0);
  return finder(has);
}

/** The same with every name kept, for few: among so many look-ups a text, one in a hundred is wrong too often. */
export function exactNames(names: Iterable<string>): NameFilter {
  const keys = new Set([...names].map((name) => words(name).join(' ')).filter(isUsable));
  return finder((key) => keys.has(key));
}

function finder(has: (key: string) => boolean): NameFilter {
  return {
    find(text) {
      const all = words(text);
      let covered = 0;
      let longest = 0;
      for (let at = 0; at < all.length; ) {
        let size = Math.min(NAME_WORDS_MAX, all.length - at);
        while (size > 0 && !has(all.slice(at, at + size).join(' '))) size--;
        covered += size;
        longest = Math.max(longest, size);
        at += Math.max(1, size);
      }
      return { share: all.length === 0 ? 0 : covered / all.length, longest };
    },
  };
}

function isUsable(key: string): boolean {
  return key.length >= NAME_CHARACTERS_MIN && key.split(' ').length <= NAME_WORDS_MAX;
}

function bitsOf(key: string, size: number): number[] {
  const first = fnv1a(key, 0x811c9dc5);
  const second = fnv1a(key, 0x9747b28c) | 1;
  return Array.from({ length: HASHES }, (_, i) => (first + Math.imul(i, second)) >>> 0).map((hash) => hash % size);
}

/** FNV-1a over UTF-16 units, 32 bits, stirred so that names with the same ending part ways. */
function fnv1a(text: string, seed: number): number {
  let hash = seed;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
