/**
 * The home folder of one node: node.json (addresses), keys.json (secrets, mode 0600) and genesis.json. Owns writing and
 * checked reading of the first two; every field is named in an error when it is wrong.
 */
import { join } from 'node:path';
import { type Address, fromHex, isHex, parseAddress, SynodError, toHex } from '@synod/chain';
import type { ExpertSetup, GenerationProfile } from '@synod/inference';
import type { P2pConfig, PaceMode } from '@synod/node';
import { readJson, requireOwnerOnly, writeJsonAtomic } from './files/write-file.ts';
import { natHelpers } from './settings/p2p-settings.ts';

export type NodeFile = {
  readonly formatVersion: 1;
  readonly name: string;
  readonly rpc: { readonly host: string; readonly port: number };
  /** All but the first two may be left out. */
  readonly p2p: P2pConfig;
  /** Null: the node runs no inference worker. */
  readonly modelDirectory: string | null;
  /** Folders of published knowledge by domain, for judging; may be left out. */
  readonly knowledge?: Readonly<Record<string, string>>;
  /** How blocks follow one another on a devnet (`--block-time`); may be left out. */
  readonly pace?: PaceMode;
};

export type KeyFile = {
  /** Null with the next two: no validator's home. */
  readonly operator: Address | null;
  readonly consensusSeed: Uint8Array | null;
  readonly vrfSeed: Uint8Array | null;
  /** Keys given by `validator rotate` since, oldest first. */
  readonly rotated: readonly { readonly consensusSeed: Uint8Array; readonly vrfSeed: Uint8Array }[];
  readonly networkSeed: Uint8Array;
  readonly experts: readonly ({ readonly seed: Uint8Array } & ExpertSetup)[];
  readonly devAccounts: readonly { readonly name: string; readonly seed: Uint8Array }[];
};

export type NodeHome = { readonly node: NodeFile; readonly keys: KeyFile; readonly genesisFile: string };

const SEED_BYTES = 32;

export function writeNodeHome(home: string, node: NodeFile, keys: KeyFile): void {
  writeJsonAtomic(join(home, 'node.json'), node);
  writeJsonAtomic(join(home, 'keys.json'), keysToJson(keys), 'secret');
}

/** Throws `HOME_INCOMPLETE` or `HOME_INVALID` naming file and field, `KEY_FILE_OPEN` when others may read the keys. */
export function readNodeHome(home: string): NodeHome {
  return {
    node: parseNodeFile(requireJson(join(home, 'node.json'))),
    keys: readKeys(join(home, 'keys.json')),
    genesisFile: join(home, 'genesis.json'),
  };
}

function readKeys(file: string): KeyFile {
  const source = requireJson(file);
  requireOwnerOnly(file);
  return parseKeyFile(source);
}

function requireJson(file: string): Source {
  const next = 'Restore it from a backup, or let "synod devnet" write a new devnet.';
  const value = readJson(file, next);
  if (value === null)
    throw new SynodError('HOME_INCOMPLETE', `${file} is missing, so this folder is no node's home. ${next}`, {
      facts: { file },
    });
  return { file, path: '', value };
}

function parseNodeFile(source: Source): NodeFile {
  const top = fields(source, ['formatVersion', 'name', 'rpc', 'p2p', 'modelDirectory', 'knowledge', 'pace']);
  if (top.formatVersion.value !== 1) throw invalid(top.formatVersion, '1');
  const knowledge = orAbsent(top.knowledge, textTable);
  const pace = orAbsent(top.pace, paceMode);
  const rpc = fields(top.rpc, ['host', 'port']);
  return {
    formatVersion: 1,
    name: text(top.name),
    rpc: { host: text(rpc.host), port: number(rpc.port) },
    p2p: p2pConfig(top.p2p),
    modelDirectory: orNull(top.modelDirectory, text),
    ...(knowledge === undefined ? {} : { knowledge }),
    ...(pace === undefined ? {} : { pace }),
  };
}

function paceMode(source: Source): PaceMode {
  const mode = (['interval', 'auto', 'manual'] as const).find((one) => one === source.value);
  if (mode === undefined) throw invalid(source, 'interval, auto or manual');
  return mode;
}

function p2pConfig(source: Source): P2pConfig {
  const top = fields(source, ['listen', 'bootstrap', 'persistent', 'announce', 'mdns', 'dht', 'nat']);
  const [persistent, announce] = [top.persistent, top.announce].map((one) => orAbsent(one, textList));
  const [mdns, dht] = [top.mdns, top.dht].map((one) => orAbsent(one, flag));
  const nat = orAbsent(top.nat, (one) => natHelpers(textList(one).join(','), `${one.file}: "nat"`));
  return {
    listen: text(top.listen),
    bootstrap: textList(top.bootstrap),
    ...(persistent === undefined ? {} : { persistent }),
    ...(announce === undefined ? {} : { announce }),
    ...(mdns === undefined ? {} : { mdns }),
    ...(dht === undefined ? {} : { dht }),
    ...(nat === undefined ? {} : { nat }),
  };
}

function expertSetup(expert: {
  readonly profile: Source;
  readonly knowledge: Source;
  readonly adapter: Source;
}): ExpertSetup {
  return {
    profile: generationProfile(expert.profile),
    knowledge: orNull(expert.knowledge, text),
    adapter: orNull(expert.adapter, text),
  };
}

function parseKeyFile(source: Source): KeyFile {
  const top = fields(source, [
    'operator',
    'consensusSeed',
    'vrfSeed',
    'rotated',
    'networkSeed',
    'experts',
    'devAccounts',
  ]);
  return {
    operator: orNull(top.operator, address),
    consensusSeed: orNull(top.consensusSeed, seed),
    vrfSeed: orNull(top.vrfSeed, seed),
    rotated: (orAbsent(top.rotated, list) ?? []).map((item) => {
      const pair = fields(item, ['consensusSeed', 'vrfSeed']);
      return { consensusSeed: seed(pair.consensusSeed), vrfSeed: seed(pair.vrfSeed) };
    }),
    networkSeed: seed(top.networkSeed),
    experts: list(top.experts).map((item) => {
      const expert = fields(item, ['seed', 'profile', 'knowledge', 'adapter']);
      return { seed: seed(expert.seed), ...expertSetup(expert) };
    }),
    devAccounts: list(top.devAccounts).map((item) => {
      const account = fields(item, ['name', 'seed']);
      return { name: text(account.name), seed: seed(account.seed) };
    }),
  };
}

function generationProfile(source: Source): GenerationProfile {
  const profile = fields(source, ['instruction', 'temperature', 'topP', 'maxTokens']);
  return {
    instruction: text(profile.instruction),
    temperature: number(profile.temperature),
    topP: number(profile.topP),
    maxTokens: number(profile.maxTokens),
  };
}

function keysToJson(keys: KeyFile): unknown {
  const hex = (bytes: Uint8Array) => toHex(bytes);
  return {
    operator: keys.operator,
    consensusSeed: keys.consensusSeed === null ? null : hex(keys.consensusSeed),
    vrfSeed: keys.vrfSeed === null ? null : hex(keys.vrfSeed),
    // Left out where there are none: as before there could be any.
    ...(keys.rotated.length === 0
      ? {}
      : {
          rotated: keys.rotated.map((pair) => ({
            consensusSeed: hex(pair.consensusSeed),
            vrfSeed: hex(pair.vrfSeed),
          })),
        }),
    networkSeed: hex(keys.networkSeed),
    experts: keys.experts.map((expert) => ({ ...expert, seed: hex(expert.seed) })),
    devAccounts: keys.devAccounts.map((account) => ({ name: account.name, seed: hex(account.seed) })),
  };
}

/** A value with where it stands, so that an error can name it. */
type Source = { readonly file: string; readonly path: string; readonly value: unknown };

function fields<K extends string>(source: Source, names: readonly K[]): Record<K, Source> {
  const { value, file, path } = source;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(source, 'an object');
  const unknown = Object.keys(value).find((key) => !names.includes(key as K));
  if (unknown !== undefined)
    throw invalid({ file, path: `${path}${unknown}`, value }, `absent; known are ${names.join(', ')}`);
  const entry = (name: K) =>
    [name, { file, path: `${path}${name}.`, value: (value as Record<string, unknown>)[name] }] as const;
  return Object.fromEntries(names.map(entry)) as Record<K, Source>;
}

function orNull<T>(source: Source, read: (source: Source) => T): T | null {
  return source.value === null ? null : read(source);
}

function orAbsent<T>(source: Source, read: (source: Source) => T): T | undefined {
  return source.value === undefined ? undefined : read(source);
}

function textList(source: Source): string[] {
  return list(source).map(text);
}

function textTable(source: Source): Readonly<Record<string, string>> {
  return Object.fromEntries(table(source).map(([name, item]) => [name, text(item)]));
}

function table(source: Source): readonly (readonly [string, Source])[] {
  const { value, file, path } = source;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(source, 'an object');
  return Object.entries(value).map(([name, entry]) => [name, { file, path: `${path}${name}.`, value: entry }]);
}

function flag(source: Source): boolean {
  if (typeof source.value !== 'boolean') throw invalid(source, 'true or false');
  return source.value;
}

function list(source: Source): Source[] {
  if (!Array.isArray(source.value)) throw invalid(source, 'a list');
  return source.value.map((value: unknown, index) => ({ file: source.file, path: `${source.path}${index}.`, value }));
}

function text(source: Source): string {
  if (typeof source.value !== 'string') throw invalid(source, 'text');
  return source.value;
}

function number(source: Source): number {
  if (typeof source.value !== 'number') throw invalid(source, 'a number');
  return source.value;
}

function seed(source: Source): Uint8Array {
  if (typeof source.value !== 'string' || !isHex(source.value, SEED_BYTES))
    throw invalid(source, `${2 * SEED_BYTES} hexadecimal digits`);
  return fromHex(source.value);
}

function address(source: Source): Address {
  const parsed = parseAddress(text(source));
  if (!parsed.ok) throw invalid(source, `an address (${parsed.reason})`);
  return parsed.value;
}

/** The value itself is left out: it may be a key. */
function invalid(source: Source, expected: string): SynodError {
  const path = source.path.replace(/\.$/, '');
  return new SynodError(
    'HOME_INVALID',
    `${source.file}: "${path}" must be ${expected}. Correct the file and start again.`,
    {
      facts: { file: source.file, field: path },
    },
  );
}
