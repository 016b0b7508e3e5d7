/**
 * The flags of `synod devnet`, parsed once into a frozen plan. Owns ranges and defaults; null means "not named", so that
 * an existing chain's own value is kept.
 */
import { resolve } from 'node:path';
import { SynodError } from '@synod/chain';
import { parseDurationMs } from '../settings/durations.ts';
import type { Environment } from '../settings/paths.ts';
import { dataDirectory, parseCount, portBase } from '../settings/settings.ts';
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
  readonly timeout?: string;
  readonly reset?: boolean;
};

export type ChainChoice = {
  readonly seed: string;
  readonly validators: number;
  readonly blockTimeMs: number;
  /** Chance in percent that a written answer is verified. */
  readonly verifiedPercent: number;
  /** Blocks only while there is something to do. */
  readonly idles: boolean;
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
  readonly reset: boolean;
  readonly readyTimeoutMs: number;
  /** What the flags name; the rest comes from the existing chain or the defaults. */
  readonly named: Partial<ChainChoice>;
};

export const CHAIN_DEFAULTS: ChainChoice = {
  seed: '42',
  validators: 4,
  blockTimeMs: 500,
  verifiedPercent: 10,
  idles: false,
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

/** The interval of `--block-time auto` while there is something to do. */
const AUTO_BLOCK_TIME = '500ms';

/** Throws a usage error that names the flag. */
export function parseDevnetOptions(flags: DevnetFlags, environment: Environment): DevnetOptions {
  const base = portBase(flags.portBase, environment);
  const named: { -readonly [K in keyof ChainChoice]?: ChainChoice[K] } = {};
  if (flags.validators !== undefined) {
    named.validators = parseCount(flags.validators, '--validators', { min: 1, max: DEVNET_LIMITS.validatorsMax });
  }
  if (flags.seed !== undefined) named.seed = parseSeed(flags.seed);
  if (flags.blockTime !== undefined) {
    named.idles = flags.blockTime === 'auto';
    named.blockTimeMs = parseDurationMs(named.idles ? AUTO_BLOCK_TIME : flags.blockTime, {
      minMs: DEVNET_LIMITS.blockTimeMsMin,
      maxMs: DEVNET_LIMITS.blockTimeMsMax,
    });
  }
  if (flags.verified !== undefined) {
    named.verifiedPercent = parseCount(flags.verified, '--verified', { min: 0, max: 100 });
  }
  if (flags.model !== undefined) named.model = modelName(flags.model);
  if (flags.experts !== undefined) named.experts = parseExperts(flags.experts);
  if (flags.knowledge !== undefined) named.knowledge = parseKnowledge(flags.knowledge);
  return Object.freeze({
    directory: dataDirectory(flags.dataDir, environment),
    portBase: base,
    reset: flags.reset ?? false,
    readyTimeoutMs: parseDurationMs(flags.timeout ?? '120s', { minMs: 1000, maxMs: 3_600_000 }),
    named,
  });
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
