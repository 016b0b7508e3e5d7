/**
 * Events of subscriptions and facts of errors as JSON. Their data is free-form, so values are turned by kind: big integers and heights into decimal
 * strings, bytes and bare hashes into 0x hex. Owns that rule (spec: rpc §5.3).
 */
import { hexOf, hexOfBytes } from './scalars.ts';

/** Names whose numbers are heights or times, which are decimal strings everywhere else too. */
const DECIMAL_NAME = /(^height|Height|^head|^time|Time|At|^deadline|^from)$/;

/** Makes the data of an event ready for JSON.stringify. */
export function eventDataJson(data: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, valueJson(name, value)]));
}

function valueJson(name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return DECIMAL_NAME.test(name) ? String(value) : value;
  if (typeof value === 'string') return /^[0-9a-f]{64}$/.test(value) ? hexOf(value) : value;
  if (value instanceof Uint8Array) return hexOfBytes(value);
  if (Array.isArray(value)) return value.map((item) => valueJson(name, item));
  if (value !== null && typeof value === 'object') return eventDataJson(value as Readonly<Record<string, unknown>>);
  return value;
}
