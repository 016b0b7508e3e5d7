/**
 * The flags of `synod devnet`, parsed once into a frozen plan. Owns ranges and defaults; null means "not named", so that
 * an existing chain's own value is kept.
 */
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { SynodError } from '@synod/chain';
import type { PaceMode } from '@synod/node';
import { parseDurationMs } from '../settings/durations.ts';
import type { Environment } from '../settings/paths.ts';
import { dataDirectory, parseCount, portBase } from '../settings/settings.ts';
import { parseParams } from './genesis-params.ts';
import { ACCOUNTS_MAX } from './keys.ts';
import { HOST } from './layout.ts';
import { modelName } from './model-name.ts';

export type DevnetFlags = {
  readonly validators?: string;
  readonly seed?: string;
  readonly dataDir?: string;
  readonly portBase?: string;
  readonly blockTime?: string;
  readonly model?: string;
  readonly verified?: string;
  readonly experts?: string;
  readonly knowledge?: readonly string[];
  readonly accounts?: string;
  readonly epochBlocks?: string;
  readonly set?: readonly string[];
  readonly state?: string;
  readonly host?: string;
  readonly timeout?: string;
  readonly reset?: boolean;
};

export type ChainChoice = {
  readonly seed: string;
  readonly validators: number;
  readonly blockTimeMs: number;
  /** Chance in percent that a written answer is verified. */
  readonly verifiedPercent: number;
  /** How blocks follow one another until somebody asks for another way. */
  readonly pace: PaceMode;
  /** Accounts with money, beside the faucet. */
  readonly accounts: number;
  /** Parameters of genesis that are not the default, by name, in whole numbers. */
  readonly params: Readonly<Record<string, string>>;
  /** `default`, `tiny`, a folder, or `none`: validators alone, without experts and inference workers. */
  readonly model: string;
  /** `all`, or names of domains separated by commas. */
  readonly experts: string;
  /** Absolute folders of knowledge that is not the shipped one, by domain. */
  readonly knowledge: Readonly<Record<string, string>>;
};

export type DevnetOptions = {
  readonly directory: string;
  readonly portBase: number;
  /** Where nodes serve RPC. */
  readonly host: string;
  readonly reset: boolean;
  /** A file of "devnet dump" to begin with; null: none. */
  readonly stateFile: string | null;
  readonly readyTimeoutMs: number;
  /** What the flags name; the rest comes from the existing chain or the defaults. */
  readonly named: Partial<ChainChoice>;
};

export const CHAIN_DEFAULTS: ChainChoice = {
  seed: '42',
  validators: 4,
  blockTimeMs: 500,
  verifiedPercent: 10,
  pace: 'interval',
  accounts: 3,
  params: {},
  model: 'default',
  experts: 'all',
  knowledge: {},
};

export const DEVNET_LIMITS = {
  validatorsMax: 16,
  seedCharactersMax: 64,
  blockTimeMsMin: 50,
  blockTimeMsMax: 60_000,
} as const;

/** The interval of `--block-time auto` while there is something to do, and by which time moves on with `manual`. */
const OTHER_BLOCK_TIME = '500ms';

/** Throws a usage error that names the flag. */
export function parseDevnetOptions(flags: DevnetFlags, environment: Environment): DevnetOptions {
  const base = portBase(flags.portBase, environment);
  const named: { -readonly [K in keyof ChainChoice]?: ChainChoice[K] } = {};
  if (flags.validators !== undefined) {
    named.validators = parseCount(flags.validators, '--validators', { min: 1, max: DEVNET_LIMITS.validatorsMax });
  }
  if (flags.seed !== undefined) named.seed = parseSeed(flags.seed);
  if (flags.blockTime !== undefined) {
    const { mode, intervalMs } = parseBlockTime(flags.blockTime, '--block-time');
    named.pace = mode;
    named.blockTimeMs = intervalMs ?? parseDurationMs(OTHER_BLOCK_TIME, { minMs: 0, maxMs: Number.MAX_SAFE_INTEGER });
  }
  if (flags.verified !== undefined) {
    named.verifiedPercent = parseCount(flags.verified, '--verified', { min: 0, max: 100 });
  }
  if (flags.model !== undefined) named.model = modelName(flags.model);
  if (flags.experts !== undefined) named.experts = parseExperts(flags.experts);
  if (flags.knowledge !== undefined) named.knowledge = parseKnowledge(flags.knowledge);
  if (flags.accounts !== undefined)
    named.accounts = parseCount(flags.accounts, '--accounts', { min: 1, max: ACCOUNTS_MAX });
  const params = [...(flags.epochBlocks === undefined ? [] : [epochChange(flags.epochBlocks)]), ...(flags.set ?? [])];
  if (params.length > 0) named.params = parseParams(params);
  return Object.freeze({
    directory: dataDirectory(flags.dataDir, environment),
    portBase: base,
    host: parseHost(flags.host ?? HOST),
    reset: flags.reset ?? false,
    stateFile: flags.state === undefined ? null : resolve(flags.state),
    readyTimeoutMs: parseDurationMs(flags.timeout ?? '120s', { minMs: 1000, maxMs: 3_600_000 }),
    named,
  });
}

/** `1s`: an interval. `auto` and `manual` have none of their own. Throws a usage error that names `source`. */
export function parseBlockTime(
  text: string,
  source: string,
): { readonly mode: PaceMode; readonly intervalMs: number | null } {
  if (text === 'auto' || text === 'manual') return { mode: text, intervalMs: null };
  if (!/^\d/.test(text.trim()))
    throw new SynodError('USAGE', `${source} "${text}" must be a duration such as 1s, or auto, or manual.`);
  const { blockTimeMsMin: minMs, blockTimeMsMax: maxMs } = DEVNET_LIMITS;
  return { mode: 'interval', intervalMs: parseDurationMs(text, { minMs, maxMs }) };
}

function epochChange(text: string): string {
  return `staking.epochHeights=${parseCount(text, '--epoch-blocks', { min: 1, max: 100_000 })}`;
}

/** An address of this machine. Throws a usage error. */
function parseHost(text: string): string {
  if (isIP(text) !== 0) return text;
  throw new SynodError(
    'USAGE',
    `--host "${text}" is no IP address. Give the one to listen on, e.g. 127.0.0.1, or 0.0.0.0 for all of this machine.`,
  );
}

/** Fails when the last node's ports would lie above 65535. */
export function requirePortRange(base: number, validators: number): void {
  const last = base + 10 * (validators - 1) + 1;
  if (last <= 65_535) return;
  throw new SynodError(
    'PORT_INVALID',
    `--port-base ${base} leaves no room for ${validators} validators. Choose one below ${65_536 - 10 * validators}.`,
  );
}

function parseSeed(text: string): string {
  if (/^[\w.-]+$/.test(text) && text.length <= DEVNET_LIMITS.seedCharactersMax) return text;
  throw new SynodError(
    'USAGE',
    `--seed "${text}" must be 1 to ${DEVNET_LIMITS.seedCharactersMax} letters, digits, dots or dashes.`,
  );
}

/** A domain as the chain takes it (market §1.1). */
const DOMAIN_NAME = /^[a-z0-9-]{1,48}$/;

function parseExperts(text: string): string {
  if (text === 'all') return text;
  const names = [...new Set(text.split(',').map((name) => name.trim()))];
  if (names.every((name) => DOMAIN_NAME.test(name))) return names.join(',');
  throw new SynodError(
    'USAGE',
    `--experts "${text}" must be all, or domains separated by commas, e.g. general,geography.`,
  );
}

/** `geography=FOLDER`, once a domain. */
function parseKnowledge(texts: readonly string[]): Readonly<Record<string, string>> {
  const pairs = texts.map((text): readonly [string, string] => {
    const at = text.indexOf('=');
    const [domain, folder] = [text.slice(0, at), text.slice(at + 1)];
    if (at > 0 && DOMAIN_NAME.test(domain) && folder !== '') return [domain, resolve(folder)];
    throw new SynodError(
      'USAGE',
      `--knowledge "${text}" must name a domain and its folder, e.g. geography=./geography.`,
    );
  });
  const sorted = pairs.toSorted(([a], [b]) => (a < b ? -1 : 1));
  if (new Set(sorted.map(([domain]) => domain)).size === sorted.length) return Object.fromEntries(sorted);
  throw new SynodError('USAGE', '--knowledge names a domain twice. Name each domain once.');
}
