/**
 * Values of parameters as people write and read them: `500`, `2SYN`, `35%`, `10s`. Owns the exact conversion to the whole
 * numbers of a vote; which value the chain takes is the chain's.
 */
import { SynodError } from '@synod/chain';
import type { RpcMethodMap } from '@synod/rpc/client';
import { formatSyn, parseSyn } from '../settings/amounts.ts';
import { parseDurationMs } from '../settings/durations.ts';
import { parseRatio, percentText } from '../settings/ratios.ts';

export type ParamEntry = RpcMethodMap['params_list']['result']['items'][number];

export type ParamChangeText = { readonly name: string; readonly value: string };

const MS_MAX = 2 ** 32;

/** Reads `NAME=VALUE` items. Throws `USAGE`, `PARAMETER_UNKNOWN` or what the value's own reader throws. */
export function parseChanges(items: readonly string[], entries: readonly ParamEntry[]): ParamChangeText[] {
  return items.map((item) => {
    const at = item.indexOf('=');
    if (at < 1) throw new SynodError('USAGE', `"${item}" is no change. Write NAME=VALUE, e.g. staking.jailHeights=500`);
    const name = item.slice(0, at);
    return { name, value: parseValue(item.slice(at + 1).trim(), requireEntry(name, entries)) };
  });
}

/** Throws `PARAMETER_UNKNOWN`, with the full name where only the group was left out. */
export function requireEntry(name: string, entries: readonly ParamEntry[]): ParamEntry {
  const entry = entries.find((each) => each.name === name);
  if (entry !== undefined) return entry;
  const near = entries.filter((each) => each.name.toLowerCase().endsWith(`.${name.toLowerCase()}`));
  const hint =
    near.length > 0 ? `Did you mean ${near.map((each) => each.name).join(' or ')}?` : 'See all:  synod params show';
  throw new SynodError('PARAMETER_UNKNOWN', `There is no parameter "${name}". ${hint}`, { facts: { parameter: name } });
}

/** A whole number goes for every parameter, as the chain keeps it; with a unit it must be the parameter's. */
function parseValue(text: string, { name, kind }: ParamEntry): string {
  if (/^\d{1,20}$/.test(text)) return BigInt(text).toString();
  if (kind === 'amount' && /SYN$/i.test(text)) return parseSyn(text).toString();
  if (kind === 'part') return String(parseRatio(text, name));
  if (name.endsWith('Ms')) return String(parseDurationMs(text, { minMs: 0, maxMs: MS_MAX }));
  const units = { amount: ', or an amount like 2SYN', part: '', count: '' }[kind];
  throw new SynodError('NUMBER_INVALID', `${name}: "${text}" is no value. Write a whole number${units}.`, {
    facts: { parameter: name, value: text },
  });
}

/** The value for people, with its unit where it has one. */
export function valueText(value: string, { name, kind }: Pick<ParamEntry, 'name' | 'kind'>): string {
  if (kind === 'amount') return formatSyn(BigInt(value));
  if (kind === 'part') return percentText(Number(value) / 1_000_000);
  return name.endsWith('Ms') ? `${value} ms` : value;
}
