/**
 * Parameters that a devnet's genesis gets by flag: `--set staking.epochHeights=20`. Owns reading them; names and ranges are the chain's
 * own table, and whether they fit together is checked where genesis is made.
 */
import { type ChainParams, PARAM_RULES, paramsProblem, SynodError, withParam } from '@synod/chain';
import { parseSyn } from '../settings/amounts.ts';
import { parseDurationMs } from '../settings/durations.ts';
import { parseRatio } from '../settings/ratios.ts';

const MS_MAX = 2 ** 32 - 1;
const SHOWN_MAX = 3;

/** `NAME=VALUE` items, by name in order; `params.` before a name is left out. Throws `USAGE`, `PARAMETER_UNKNOWN` or `NUMBER_INVALID`. */
export function parseParams(items: readonly string[]): Readonly<Record<string, string>> {
  const pairs = items.map((item): readonly [string, string] => {
    const at = item.indexOf('=');
    if (at < 1) throw new SynodError('USAGE', `--set "${item}" must be NAME=VALUE, e.g. staking.epochHeights=20`);
    const name = item
      .slice(0, at)
      .trim()
      .replace(/^params\./, '');
    return [name, parseValue(name, item.slice(at + 1).trim())];
  });
  return Object.fromEntries(pairs.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** The parameters with these in the place of theirs. Throws `PARAMS_REFUSED` when they do not fit together. */
export function withParams(params: ChainParams, changes: Readonly<Record<string, string>>): ChainParams {
  const changed = Object.entries(changes).reduce(
    (result, [name, value]) => withParam(result, name, BigInt(value)),
    params,
  );
  const problem = paramsProblem(changed);
  if (problem === null) return changed;
  throw new SynodError('PARAMS_REFUSED', `No chain could have these parameters: ${problem}. Change --set.`, {
    facts: { problem },
  });
}

function parseValue(name: string, text: string): string {
  const rule = PARAM_RULES[name];
  if (rule === undefined) throw unknown(name);
  const value = numberOf(name, text);
  if (value >= rule.least && value <= rule.most) return value.toString();
  throw new SynodError('NUMBER_INVALID', `--set ${name}: ${value} must lie between ${rule.least} and ${rule.most}.`, {
    facts: { parameter: name, value: text },
  });
}

function numberOf(name: string, text: string): bigint {
  if (/^\d{1,20}$/.test(text)) return BigInt(text);
  if (/SYN$/i.test(text)) return parseSyn(text);
  if (text.endsWith('%')) return BigInt(parseRatio(text, name));
  if (name.endsWith('Ms')) return BigInt(parseDurationMs(text, { minMs: 0, maxMs: MS_MAX }));
  throw new SynodError(
    'NUMBER_INVALID',
    `--set ${name}: "${text}" is no value. Write a whole number, 2SYN, 35% or 10s.`,
    {
      facts: { parameter: name, value: text },
    },
  );
}

function unknown(name: string): SynodError {
  const leaf = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
  const near = Object.keys(PARAM_RULES).filter((one) => one.toLowerCase().includes(leaf));
  const hint =
    leaf !== '' && near.length > 0
      ? `Did you mean ${near.slice(0, SHOWN_MAX).join(' or ')}?`
      : 'See all of a running devnet:  synod params show';
  return new SynodError('PARAMETER_UNKNOWN', `--set: there is no parameter "${name}". ${hint}`, {
    facts: { parameter: name },
  });
}
