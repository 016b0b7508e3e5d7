/**
 * What a flag's or an argument's value must look like, by the word in its brackets: `<amount>`, `<duration>`, `<on|off>`.
 * Owns these kinds; each command owns the ranges and what its values mean.
 */
import { SynodError } from '@synod/chain/errors';
import { nearest } from './nearest.ts';

type Kind = { readonly pattern: RegExp; readonly what: string; readonly code: string };

const CHARACTERS_MAX = 4096;

const WHOLE: Kind = { pattern: /^\d{1,20}$/, what: 'a whole number, e.g. 4', code: 'NUMBER_INVALID' };
const HASH = '(?:0x)?[0-9a-fA-F]{64}';

const KINDS: Readonly<Record<string, Kind>> = {
  amount: {
    pattern: /^\d[\d,]*(?:\.\d+)?(?: ?SYN)?$/i,
    what: 'an amount: a decimal number of SYN, e.g. 0.5',
    code: 'AMOUNT_INVALID',
  },
  duration: {
    pattern: /^(?:0|\d+(?:\.\d+)?(?:ms|s|m|h|d))$/,
    what: 'a duration: a number with its unit, e.g. 500ms or 1s',
    code: 'DURATION_INVALID',
  },
  seconds: { pattern: /^\d+(?:\.\d+)?$/, what: 'a number of seconds, e.g. 30', code: 'NUMBER_INVALID' },
  minutes: { pattern: /^\d+(?:\.\d+)?$/, what: 'a number of minutes, e.g. 10', code: 'NUMBER_INVALID' },
  count: WHOLE,
  n: WHOLE,
  number: WHOLE,
  index: WHOLE,
  heights: WHOLE,
  height: WHOLE,
  nano: { ...WHOLE, code: 'USAGE' },
  epoch: WHOLE,
  version: WHOLE,
  percent: { pattern: /^\d{1,3}$/, what: 'a percentage from 0 to 100, e.g. 10', code: 'NUMBER_INVALID' },
  part: { pattern: /^\d{1,3}(?:\.\d{1,6})?\s*%?$/, what: 'a part, e.g. 5% or 0.05', code: 'NUMBER_INVALID' },
  port: { pattern: /^\d{1,5}$/, what: 'a port, e.g. 9545', code: 'PORT_INVALID' },
  url: { pattern: /^https?:\/\/[^\s/]+/, what: 'an http address, e.g. http://127.0.0.1:9545', code: 'URL_INVALID' },
  urls: { pattern: /^https?:\/\/[^\s/]+/, what: 'an http address, e.g. http://127.0.0.1:9545', code: 'URL_INVALID' },
  hash: { pattern: new RegExp(`^${HASH}$`), what: 'a hash of 64 hexadecimal digits', code: 'USAGE' },
  'height@hash': {
    pattern: new RegExp(`^\\d{1,20}@${HASH}$`),
    what: 'a block, as "synod checkpoint" prints it: HEIGHT@HASH',
    code: 'CHECKPOINT_INVALID',
  },
  // A URL without a hash has a refusal of its own.
  'block@hash': {
    pattern: new RegExp(`^(?:.+@${HASH}|https?://.*)$`),
    what: 'a block to trust: HEIGHT@HASH, URL@HASH or FILE@HASH',
    code: 'CHECKPOINT_INVALID',
  },
  range: { pattern: /^\d+(?:\.\.\d+)?$/, what: 'a range, e.g. 1..100', code: 'NUMBER_INVALID' },
};

/** Words that a value may be, and kinds, of `on|off` or `duration|auto`. */
export type Choice = { readonly words: readonly string[]; readonly kinds: readonly string[] };

/** The word in the brackets of `--mdns <on|off>` or `<amount>`; null for a flag without a value. */
export function metavarOf(flags: string): string | null {
  return /[<[]([^>\]]+?)(?:\.\.\.)?[>\]]/.exec(flags)?.[1] ?? null;
}

/** What a metavar allows; without words or kinds it is free text. */
export function choiceOf(metavar: string): Choice {
  const parts = metavar.split('|');
  if (parts.length === 1) return { words: [], kinds: parts.filter((part) => Object.hasOwn(KINDS, part)) };
  const isKind = (part: string) => Object.hasOwn(KINDS, part);
  const isFree = (part: string) => /^[A-Z]/.test(part);
  return {
    words: parts.filter((part) => !isKind(part) && !isFree(part)),
    kinds: parts.filter((part) => isKind(part) || isFree(part)),
  };
}

/** Throws `USAGE`, naming `source`, where the text cannot be a value of this kind. */
export function checkValue(metavar: string, text: string, source: string): void {
  if (text.trim() === '') throw usage(`${source} is empty. ${whatText(metavar)}`);
  if (text.length > CHARACTERS_MAX && metavar !== 'text') {
    throw usage(
      `${source} has ${text.length} characters, and at most ${CHARACTERS_MAX} are taken. ${whatText(metavar)}`,
    );
  }
  const { words, kinds } = choiceOf(metavar);
  if (words.length + kinds.length === 0 || words.includes(text)) return;
  if (kinds.some((kind) => KINDS[kind]?.pattern.test(text.trim()) ?? true)) return;
  const meant = nearest(text, words);
  const hint = meant === null ? '' : `\n(Did you mean ${meant}?)`;
  const shown = text.length > 64 ? `${text.slice(0, 64)}…` : text;
  const code = KINDS[kinds[0] ?? '']?.code ?? 'USAGE';
  throw new SynodError(code, `${source} "${shown}" is wrong. ${whatText(metavar)}${hint}`, {
    facts: { value: shown },
  });
}

function whatText(metavar: string): string {
  const { words, kinds } = choiceOf(metavar);
  const whats = kinds.map((kind) => KINDS[kind]?.what ?? kind.toLowerCase());
  const all = [...words, ...whats];
  if (all.length === 0) return `Give ${/^[aeio]/.test(metavar) ? 'an' : 'a'} ${metavar}.`;
  const last = all.at(-1)!;
  const text = all.length === 1 ? last : `${all.slice(0, -1).join(', ')} or ${last}`;
  return words.length > 0 ? `Choose ${text}.` : `Give ${text}.`;
}

function usage(message: string): SynodError {
  return new SynodError('USAGE', message);
}
