/**
 * The one order of precedence: flag, then environment, then default. Owns reading of the settings that every command
 * shares (data directory, port base, RPC address); each command owns its other flags.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { SynodError } from '@synod/chain/errors';
import { defaultDataDirectory, type Environment } from './paths.ts';

export const PORT_BASE_DEFAULT = 9545;
const PORT_MIN = 1024;
const PORT_MAX = 65_535;

/** `--data-dir`, else SYNOD_DATA_DIR, else the XDG folder. Absolute. */
export function dataDirectory(flag: string | undefined, environment: Environment): string {
  return resolve(flag ?? nonEmpty(environment['SYNOD_DATA_DIR']) ?? defaultDataDirectory(environment));
}

/** `--port-base`, else SYNOD_PORT_BASE, else 9545. Throws `PORT_INVALID`. */
export function portBase(flag: string | undefined, environment: Environment): number {
  const fromEnvironment = nonEmpty(environment['SYNOD_PORT_BASE']);
  if (flag !== undefined) return parsePort(flag, '--port-base');
  return fromEnvironment === undefined ? PORT_BASE_DEFAULT : parsePort(fromEnvironment, 'SYNOD_PORT_BASE');
}

/** A TCP port that needs no privileges. Throws `PORT_INVALID`, naming `source`. */
export function parsePort(text: string, source: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port >= PORT_MIN && port <= PORT_MAX) return port;
  throw new SynodError(
    'PORT_INVALID',
    `${source} "${text}" is not a port. Give a number from ${PORT_MIN} to ${PORT_MAX}.`,
    {
      facts: { port: text },
    },
  );
}

/** A whole number within a range. Throws `NUMBER_INVALID`, naming `source`. */
export function parseCount(
  text: string,
  source: string,
  range: { readonly min: number; readonly max: number },
): number {
  const count = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (count >= range.min && count <= range.max) return count;
  throw new SynodError(
    'NUMBER_INVALID',
    `${source} "${text}" must be a whole number from ${range.min} to ${range.max}.`,
    {
      facts: { value: text },
    },
  );
}

export type NodeFlags = { readonly rpc?: string; readonly dataDir?: string };

/**
 * `--rpc`, else the devnet that is ready in `--data-dir`, else SYNOD_RPC_URL, else the devnet in SYNOD_DATA_DIR, else the
 * port of SYNOD_PORT_BASE, else the devnet in the default folder, else port 9545. Throws `URL_INVALID` or `PORT_INVALID`.
 */
export function rpcUrl(flags: NodeFlags, environment: Environment): string {
  if (flags.rpc !== undefined) return parseUrl(flags.rpc, '--rpc');
  const flagged = flags.dataDir === undefined ? null : devnetEndpoint(dataDirectory(flags.dataDir, {}));
  if (flagged !== null) return flagged;
  const configured = nonEmpty(environment['SYNOD_RPC_URL']);
  if (configured !== undefined) return parseUrl(configured, 'SYNOD_RPC_URL');
  const isFolderNamed = nonEmpty(environment['SYNOD_DATA_DIR']) !== undefined;
  const isPortNamed = nonEmpty(environment['SYNOD_PORT_BASE']) !== undefined;
  const found = isFolderNamed || !isPortNamed ? devnetEndpoint(dataDirectory(undefined, environment)) : null;
  return found ?? `http://127.0.0.1:${portBase(undefined, environment)}`;
}

/**
 * As `rpcUrl`, and where else to go on when that node dies: every address of `--rpc` (repeated, or separated by commas) or of
 * SYNOD_RPC_URL, or all nodes of the devnet.
 */
export function rpcUrls(
  flags: { readonly rpc?: readonly string[]; readonly dataDir?: string },
  environment: Environment,
): readonly [string, ...string[]] {
  const { rpc, ...rest } = flags;
  if (rpc !== undefined) return parseUrls(rpc.join(), '--rpc');
  const listed = nonEmpty(environment['SYNOD_RPC_URL']);
  const isFlagged = rest.dataDir !== undefined && devnetEndpoints(dataDirectory(rest.dataDir, {})).length > 0;
  if (listed !== undefined && !isFlagged) return parseUrls(listed, 'SYNOD_RPC_URL');
  const first = rpcUrl(rest, environment);
  const devnet = devnetEndpoints(dataDirectory(rest.dataDir, environment));
  return devnet.includes(first) ? [first, ...devnet.filter((url) => url !== first)] : [first];
}

function parseUrls(text: string, source: string): readonly [string, ...string[]] {
  const [first = '', ...others] = text.split(',').map((each) => each.trim());
  return [parseUrl(first, source), ...others.map((each) => parseUrl(each, source))];
}

/** An http address without a slash at its end. Throws `URL_INVALID`, naming `source`. */
export function parseUrl(text: string, source: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:')) return text.replace(/\/+$/, '');
  throw new SynodError(
    'URL_INVALID',
    `${source} "${text}" is not an http address. Write it like http://127.0.0.1:9545`,
    {
      facts: { url: text },
    },
  );
}

/** Read leniently: a missing or damaged devnet.json only means that the default address is used. */
function devnetEndpoint(directory: string): string | null {
  return devnetEndpoints(directory)[0] ?? null;
}

function devnetEndpoints(directory: string): readonly string[] {
  const file = join(directory, 'devnet.json');
  if (!existsSync(file)) return [];
  try {
    const record = JSON.parse(readFileSync(file, 'utf8')) as { endpoints?: unknown };
    const endpoints: readonly unknown[] = Array.isArray(record.endpoints) ? record.endpoints : [];
    return endpoints.filter((endpoint) => typeof endpoint === 'string');
  } catch {
    // Damaged: whoever needs its contents (send, devnet status) reports it; an address is still worth a try.
    return [];
  }
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : text;
}
