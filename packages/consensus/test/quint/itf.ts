/**
 * Reads traces in the Informal Trace Format: plain JSON where integers, sets, maps and tuples are tagged objects.
 * Owns decoding only; what the states mean is the adapters'.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** A decoded value: maps and records are `Map`/object, sets and tuples arrays, variants `{tag, value}`. */
// biome-ignore lint/suspicious/noExplicitAny: trace states are read by shape, one adapter each.
export type Itf = any;

/** The folder of traces, or null when this machine does not have it. */
export function quintFolder(): string | null {
  const root = resolve(import.meta.dirname, '../../../..');
  const folder = join(resolve(root, process.env['SYNOD_VECTORS'] ?? '../shared/vectors'), 'quint');
  return existsSync(folder) ? folder : null;
}

/** Trace files whose name starts with `prefix`, decoded, in name order. */
export function readTraces(folder: string, prefix: string): { name: string; states: Itf[] }[] {
  const names = readdirSync(folder).filter((name) => name.startsWith(prefix) && name.endsWith('.itf.json'));
  return names.sort().map((name) => {
    const trace = JSON.parse(readFileSync(join(folder, name), 'utf8')) as { states: unknown[] };
    return { name, states: trace.states.map(decode) };
  });
}

function decode(value: unknown): Itf {
  if (Array.isArray(value)) return value.map(decode);
  if (value === null || typeof value !== 'object') return value;
  const record = value as Record<string, unknown>;
  if ('#bigint' in record) return Number(record['#bigint']);
  if ('#set' in record) return decode(record['#set']);
  if ('#tup' in record) return decode(record['#tup']);
  if ('#map' in record)
    return new Map((record['#map'] as unknown[][]).map(([key, held]) => [decode(key), decode(held)]));
  return Object.fromEntries(
    Object.entries(record)
      .filter(([key]) => key !== '#meta')
      .map(([key, held]) => [lastName(key), decode(held)]),
  );
}

/** `line28Test::N4F1::system` → `system`. */
function lastName(key: string): string {
  return key.split('::').at(-1) ?? key;
}
