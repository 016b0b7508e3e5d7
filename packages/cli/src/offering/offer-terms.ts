/**
 * What an offer asks for, read from flags: domain, name, prices, bond, capacity. Owns their bounds and defaults, so that everything
 * that can be wrong about them is said before a file is read or a node is asked.
 */
import { type Amount, CHAIN_LIMITS, formatSyn, isName, SynodError } from '@synod/chain';
import { parseSyn } from '../settings/amounts.ts';
import { parseCount } from '../settings/settings.ts';

export type TermsFlags = {
  readonly price?: string;
  readonly priceIn?: string;
  readonly priceQuote?: string;
  readonly capacity?: string;
  readonly name?: string;
  readonly bond?: string;
};

/** Nano per byte. */
export type Prices = {
  readonly priceInPerByte: Amount;
  readonly priceOutPerByte: Amount;
  readonly priceQuotePerByte: Amount;
};

/** Nobody would ask an expert that takes more for a byte. */
const PRICE_MAX: Amount = 1_000_000_000n;
/** A byte read costs a tenth of one written, a byte quoted half, unless said otherwise. */
const READ_PART = 10n;
const QUOTE_PART = 2n;
export const CAPACITY_DEFAULT = 4;

/** Throws `USAGE`. */
export function parseDomain(domain: string): string {
  if (isName(domain)) return domain;
  throw new SynodError(
    'USAGE',
    `--domain "${domain}" is no name of a domain. Use 1 to ${CHAIN_LIMITS.nameCharactersMax} of a-z, 0-9 and "-".`,
    { facts: { domain } },
  );
}

/** Throws `USAGE`. */
export function parseName(name: string): string {
  if (isName(name)) return name;
  throw new SynodError(
    'USAGE',
    `--name "${name}" is no name of an expert. Use 1 to ${CHAIN_LIMITS.nameCharactersMax} of a-z, 0-9 and "-".`,
    { facts: { name } },
  );
}

/** All three prices of a new expert. Throws `USAGE`. */
export function parsePrices({ price, priceIn, priceQuote }: TermsFlags & { readonly price: string }): Prices {
  const priceOutPerByte = parsePrice(price, '--price');
  return {
    priceOutPerByte,
    priceInPerByte: priceIn === undefined ? part(priceOutPerByte, READ_PART) : parsePrice(priceIn, '--price-in'),
    priceQuotePerByte:
      priceQuote === undefined ? part(priceOutPerByte, QUOTE_PART) : parsePrice(priceQuote, '--price-quote'),
  };
}

/** The prices that the flags change, of an expert that there is. Throws `USAGE`. */
export function changedPrices({ price, priceIn, priceQuote }: TermsFlags): Partial<Prices> {
  return {
    ...(price === undefined ? {} : { priceOutPerByte: parsePrice(price, '--price') }),
    ...(priceIn === undefined ? {} : { priceInPerByte: parsePrice(priceIn, '--price-in') }),
    ...(priceQuote === undefined ? {} : { priceQuotePerByte: parsePrice(priceQuote, '--price-quote') }),
  };
}

export function parseCapacity(text: string | undefined): number {
  if (text === undefined) return CAPACITY_DEFAULT;
  return parseCount(text, '--capacity', { min: 1, max: CHAIN_LIMITS.capacityMax });
}

/** Throws `AMOUNT_INVALID`, or `BOND_TOO_LOW` below the chain's least bond, which is also the default. */
export function parseBond(text: string | undefined, least: Amount): Amount {
  const bond = text === undefined ? least : parseSyn(text);
  if (bond >= least) return bond;
  throw new SynodError(
    'BOND_TOO_LOW',
    `--bond is ${formatSyn(bond)}; this chain asks for at least ${formatSyn(least)}. Put up more.`,
    { facts: { bond: bond.toString(), least: least.toString() } },
  );
}

function parsePrice(text: string, flag: string): Amount {
  const price = /^\d{1,20}$/.test(text.trim()) ? BigInt(text.trim()) : 0n;
  if (price >= 1n && price <= PRICE_MAX) return price;
  throw new SynodError(
    'USAGE',
    `${flag} "${text}" is no price. Write whole nano per byte, from 1 to ${PRICE_MAX} (1 SYN a byte), e.g. 5000.`,
    { facts: { flag, price: text } },
  );
}

function part(whole: Amount, of: Amount): Amount {
  return whole < of ? 1n : whole / of;
}
