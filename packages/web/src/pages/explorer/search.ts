/**
 * What somebody typed into the search field: a height, a hash, an address or an expert's name. Owns telling them apart and what to say where a text is
 * none of them; looking things up is find.ts.
 */

export type SearchTerm =
  | { readonly kind: 'empty' }
  | { readonly kind: 'height'; readonly height: string }
  /** Of a block, a transaction, a query or a round: only the node can tell. */
  | { readonly kind: 'hash'; readonly hash: string }
  | { readonly kind: 'address'; readonly address: string }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'invalid'; readonly why: string };

const HASH_DIGITS = 64;
const ADDRESS_CHARACTERS = 42;
const NAME_CHARACTERS_MAX = 64;

/** Reads the text as people paste it: with blanks around, `#12`, `1,234`, `block 12`, hashes with or without 0x. */
export function readSearch(text: string): SearchTerm {
  const term = text.trim();
  if (term === '') return { kind: 'empty' };
  const height = /^(?:block\s*)?#?\s*([\d,]{1,20})$/i.exec(term)?.[1]?.replaceAll(',', '');
  if (height !== undefined && height !== '') return { kind: 'height', height: height.replace(/^0+(?=\d)/, '') };
  if (/^0x/i.test(term) || /^[0-9a-f]{40,}$/i.test(term)) return readHash(term);
  if (/^syn1/i.test(term)) return readAddress(term);
  return readName(term);
}

function readHash(term: string): SearchTerm {
  const digits = term.replace(/^0x/i, '').toLowerCase();
  if (/^[0-9a-f]{64}$/.test(digits)) return { kind: 'hash', hash: `0x${digits}` };
  if (/[^0-9a-f]/.test(digits)) {
    return { kind: 'invalid', why: 'A hash has only the digits 0–9 and a–f after its 0x.' };
  }
  return {
    kind: 'invalid',
    why: `A hash has ${HASH_DIGITS} digits after its 0x; this has ${digits.length}. Copy it whole.`,
  };
}

function readAddress(term: string): SearchTerm {
  const address = term.toLowerCase();
  if (address.length === ADDRESS_CHARACTERS && /^syn1[0-9a-z]+$/.test(address)) return { kind: 'address', address };
  const why = `An address is syn1 and ${ADDRESS_CHARACTERS - 4} letters and digits; this has ${address.length - 4}. Copy it whole.`;
  return { kind: 'invalid', why };
}

function readName(term: string): SearchTerm {
  const name = term.replace(/^expert\//i, '').replace(/@v?\d+$/i, '');
  if (name.length > NAME_CHARACTERS_MAX) {
    return {
      kind: 'invalid',
      why: 'That is too long for a name. Search for a height, a hash, an address or an expert.',
    };
  }
  return { kind: 'name', name };
}

/** Experts whose name is the text, or else holds it; capital letters do not matter. */
export function matchNames<Named extends { readonly name: string }>(experts: readonly Named[], name: string): Named[] {
  const wanted = name.toLowerCase();
  const exact = experts.filter((expert) => expert.name.toLowerCase() === wanted);
  if (exact.length > 0) return exact;
  return experts.filter((expert) => expert.name.toLowerCase().includes(wanted));
}
