/**
 * What answers cost (DESIGN §3.1, spec: market §11): metered bytes at the expert's own rates, the domain's load, the prompt's
 * difficulty. Owns the one price function that quotes, selection and settlement share; the load's course is load.ts.
 */
import { type Amount, PPM, type Ppm, type QueryContract } from '../types/index.ts';

/** Rates of an expert, in nano per byte. */
export type Rates = {
  readonly priceInPerByte: Amount;
  readonly priceOutPerByte: Amount;
  readonly priceQuotePerByte: Amount;
};

/** What was read and written: the prompt once for each round in which an answer came. */
export type Meter = {
  readonly promptBytes: number;
  readonly rounds: number;
  readonly generatedBytes: number;
  readonly quotedBytes: number;
};

/** What the rates are multiplied by: `loadFactor` in millionths, and one plus the difficulty. */
export type PriceTerms = { readonly loadFactor: number; readonly difficulty: Ppm };

/** Rates times bytes, in nano, before load, difficulty and share. */
export function meteredFee(rates: Rates, meter: Meter): Amount {
  const read = rates.priceInPerByte * BigInt(meter.promptBytes) * BigInt(meter.rounds);
  const written = rates.priceOutPerByte * BigInt(meter.generatedBytes);
  return read + written + rates.priceQuotePerByte * BigInt(meter.quotedBytes);
}

/** `metered · loadFactor · (1 + difficulty)`, rounded down once at the end, in nano. */
export function priceOf(metered: Amount, { loadFactor, difficulty }: PriceTerms): Amount {
  const whole = BigInt(PPM);
  return (metered * BigInt(loadFactor) * (whole + BigInt(difficulty))) / (whole * whole);
}

/** The most one respondent can be paid, in nano (market §7). */
export function respondentShare(contract: Pick<QueryContract, 'maxFee' | 'respondents'>): Amount {
  return contract.maxFee / BigInt(contract.respondents);
}
