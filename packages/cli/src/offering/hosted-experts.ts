/**
 * `experts.json` in a node's home: the experts that were offered through it, which `start` hosts beside those of keys.json. Owns that
 * file's form and the key file of each; what is registered is the chain's.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { addressOf, parseAddress, publicKeyOf, SynodError, toHex } from '@synod/chain';
import type { ExpertSetup } from '@synod/inference';
import { createSecretJson, readJson, writeJsonAtomic } from '../files/write-file.ts';
import { type AccountKey, readKeyFile } from '../keys/key-file.ts';
import type { KeyFile } from '../node-home.ts';
import { displayPath } from '../settings/paths.ts';
import { SYNOD } from '../terminal/command-name.ts';

/** One expert of the file. Its private key is in a file of its own, in the form of `synod account new`. */
export type HostedEntry = {
  readonly name: string;
  readonly domain: string;
  readonly address: string;
  /** Within the home. */
  readonly keyFile: string;
  /** What was offered: a knowledge folder, or a model folder. Absolute. */
  readonly folder: string;
  readonly setup: ExpertSetup;
  /** Folder of the base model; a node runs one. */
  readonly modelDirectory: string;
};

/** How many one home holds. */
const HOSTED_MAX = 64;
const SEED_BYTES = 32;
const FORMAT_VERSION = 1;

/** None where the home has no such file. Throws `HOME_INVALID`. */
export function readHosted(home: string): readonly HostedEntry[] {
  const file = fileOf(home);
  const value = readJson(file, 'Restore it from a backup.') as { formatVersion?: unknown; experts?: unknown } | null;
  if (value === null) return [];
  const entries = value.formatVersion === FORMAT_VERSION && Array.isArray(value.experts) ? value.experts : null;
  if (entries !== null && entries.length <= HOSTED_MAX && entries.every(isEntry)) return entries;
  throw new SynodError(
    'HOME_INVALID',
    `${displayPath(file)} does not list experts as "${SYNOD} expert offer" writes them. Restore it from a backup.`,
    { facts: { file } },
  );
}

/** Adds the expert, or replaces the entry of its address. Durable when this returns. */
export function writeHosted(home: string, entry: HostedEntry): void {
  const others = readHosted(home).filter(({ address }) => address !== entry.address);
  if (others.length >= HOSTED_MAX) {
    throw new SynodError(
      'HOME_INVALID',
      `${displayPath(home)} hosts ${HOSTED_MAX} experts already. Use another --home.`,
    );
  }
  const experts = [...others, entry].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  writeJsonAtomic(fileOf(home), { formatVersion: FORMAT_VERSION, experts });
}

/** Takes the expert out of the file; its key stays, for its money may still come. */
export function removeHosted(home: string, address: string): void {
  const experts = readHosted(home);
  const kept = experts.filter((each) => each.address !== address);
  if (kept.length !== experts.length) writeJsonAtomic(fileOf(home), { formatVersion: FORMAT_VERSION, experts: kept });
}

/** A new key for an expert, on disk when this returns: money is sent to it next. */
export function createExpertKey(home: string): { readonly key: AccountKey; readonly keyFile: string } {
  const seed = randomBytes(SEED_BYTES);
  const address = addressOf(publicKeyOf(seed));
  const keyFile = join('experts', `${address}.json`);
  createSecretJson(join(home, keyFile), { formatVersion: 1, address, privateKey: `0x${toHex(seed)}` });
  return { key: { name: address, address, seed }, keyFile };
}

export function keyOf(home: string, entry: Pick<HostedEntry, 'keyFile'>): AccountKey {
  return readKeyFile(join(home, entry.keyFile));
}

/** As the node wants them. Throws `HOME_INVALID` for a key of another address. */
export function hostedKeys(home: string, entries: readonly HostedEntry[]): KeyFile['experts'] {
  return entries.map((entry) => {
    const { address, seed } = keyOf(home, entry);
    if (address === entry.address) return { seed, ...entry.setup };
    throw new SynodError(
      'HOME_INVALID',
      `${displayPath(join(home, entry.keyFile))} holds the key of ${address}, not of ${entry.name}. Restore the right one.`,
      { facts: { expert: entry.address } },
    );
  });
}

/** The expert by name or address. Throws `NOT_FOUND`, naming those that the home has. */
export function findHosted(home: string, wanted: string): HostedEntry {
  const entries = readHosted(home);
  const found = entries.find(({ name, address }) => name === wanted || address === wanted);
  if (found !== undefined) return found;
  const names = entries.map(({ name }) => name).join(', ');
  const next = names === '' ? 'It has none.' : `It has: ${names}.`;
  throw new SynodError(
    'NOT_FOUND',
    `${displayPath(home)} has no key of an expert "${wanted}". ${next} Name the home that it was offered with as --home, or its key as --key-file.`,
    { facts: { expert: wanted, home } },
  );
}

function fileOf(home: string): string {
  return join(home, 'experts.json');
}

function isEntry(value: unknown): value is HostedEntry {
  if (typeof value !== 'object' || value === null) return false;
  const { name, domain, address, keyFile, folder, setup, modelDirectory } = value as Record<string, unknown>;
  const texts = [name, domain, address, keyFile, folder, modelDirectory];
  if (!texts.every((text) => typeof text === 'string')) return false;
  return parseAddress(address as string).ok && isSetup(setup);
}

function isSetup(value: unknown): value is ExpertSetup {
  const { profile, knowledge, adapter } = (value ?? {}) as Record<string, unknown>;
  if (![knowledge, adapter].every((path) => path === null || typeof path === 'string')) return false;
  const { instruction, temperature, topP, maxTokens } = (profile ?? {}) as Record<string, unknown>;
  return typeof instruction === 'string' && [temperature, topP, maxTokens].every((each) => typeof each === 'number');
}
