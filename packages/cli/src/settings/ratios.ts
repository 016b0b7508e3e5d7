/**
 * Parts as people write and read them: `5%` or `0.05`. Owns the exact conversion to parts per million; no floats on input.
 */
import { type Ppm, SynodError } from '@synod/chain';

const PPM = 1_000_000;

/** Millionths of `5%`, `5 %` or `0.05`. Throws `NUMBER_INVALID`, naming `source`. */
export function parseRatio(text: string, source: string): Ppm {
  const match = /^(\d{1,3})(?:\.(\d{1,6}))?\s*(%)?$/.exec(text.trim());
  const [, whole = '', fraction = '', percent] = match ?? [];
  const decimals = percent === undefined ? 6 : 4;
  const ppm = Number(whole) * 10 ** decimals + Number(fraction.slice(0, decimals).padEnd(decimals, '0'));
  if (match !== null && fraction.length <= decimals && ppm <= PPM) return ppm;
  throw new SynodError(
    'NUMBER_INVALID',
    `${source} "${text}" is not a part. Write it like 5% or 0.05, from 0 to 100%.`,
    {
      facts: { value: text },
    },
  );
}

/** "0.050" or 0.05 is "5 %". */
export function percentText(ratio: string | number): string {
  return `${Number((Number(ratio) * 100).toFixed(4))} %`;
}
