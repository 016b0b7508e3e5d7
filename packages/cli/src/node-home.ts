/**
 * The home folder of one node: node.json (addresses), keys.json (secrets, mode 0600) and genesis.json. Owns writing and
 * checked reading of the first two; every field is named in an error when it is wrong.
 */
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Address, fromHex, isHex, parseAddress, SynodError, toHex } from '@synod/chain';
import type { ExpertSetup, GenerationProfile } from '@synod/inference';
import type { P2pConfig, PaceMode } from '@synod/node';
import { readJson, requireOwnerOnly, writeJsonAtomic } from './files/write-file.ts';
import { EXAMPLE, isAddress, natHelpers } from './settings/p2p-settings.ts';

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
  /** Left out: this home holds its validator's keys itself. A relative `tokenFile` or `caFile` is in the home. */
  readonly signer?: SignerPlace;
};

/** Where the keys are when another process holds them (keys §5). */
export type SignerPlace = {
  readonly url: string;
  readonly tokenFile: string;
  readonly caFile?: string;
  readonly answerMs?: number;
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
  writeKeys(join(home, 'keys.json'), keys);
}

/** Durable when it returns, readable by its owner alone. */
export function writeKeys(file: string, keys: KeyFile): void {
  writeJsonAtomic(file, keysToJson(keys), 'secret');
}

/** Throws `HOME_INCOMPLETE` or `HOME_INVALID` naming file and field, `KEY_FILE_OPEN` when others may read the keys. */
export function readNodeHome(home: string): NodeHome {
  return {
    node: parseNodeFile(requireJson(join(home, 'node.json'))),
    keys: readKeysAt(join(home, 'keys.json')),
    genesisFile: join(home, 'genesis.json'),
  };
}

/** The keys of a home that has some, such as a signer's, which needs no node.json. Throws as {@link readNodeHome} does. */
export function readKeysIfAny(home: string): KeyFile | null {
  const file = join(home, 'keys.json');
  return existsSync(file) ? readKeysAt(file) : null;
}

/** Throws as {@link readNodeHome} does. */
export function readKeysAt(file: string): KeyFile {
  const source = requireJson(file);
  requireOwnerOnly(file);
  return parseKeyFile(source);
}

function requireJson(file: string): Source {
  const next = nextFor(file);
  const value = readJson(file, next);
  const home = dirname(file);
  if (!existsSync(home)) {
    const make = 'Name the home of a node, or make one:  synod init --home FOLDER';
    throw new SynodError('HOME_INCOMPLETE', `There is no folder ${home}. ${make}`, { facts: { home } });
  }
  if (value === null)
    throw new SynodError('HOME_INCOMPLETE', `${file} is missing, so this folder is no node's home. ${next}`, {
      facts: { file },
    });
  return { file, path: '', value };
}

/** Secrets are no file to be made anew by hand, and a home whose making was cut short has nothing to lose. */
function nextFor(file: string): string {
  const home = dirname(file);
  if (isUnfinishedHome(home)) return `${UNFINISHED} and run it again:  rm -r ${home}`;
  const restore = 'Restore it with "synod backup restore"; a devnet is made anew by "synod devnet --reset".';
  return basename(file) === 'keys.json'
    ? `${restore} A validator's keys also follow from its words: "synod init --mnemonic-file WORDS" makes a new home with them.`
    : restore;
}

const UNFINISHED = 'The making of this home was cut short, and nothing in it was used. Delete it';

/** Marks a home in the making, so that two makings at once do not mix and one cut short is known for it. */
export const MAKING = 'home.making';

/** True where a making was cut short, or goes on. */
export function isUnfinishedHome(home: string): boolean {
  return existsSync(join(home, MAKING)) && !existsSync(join(home, 'keys.json'));
}

function parseNodeFile(source: Source): NodeFile {
  const top = fields(source, ['formatVersion', 'name', 'rpc', 'p2p', 'modelDirectory', 'knowledge', 'pace', 'signer']);
  if (top.formatVersion.value !== 1) throw invalid(top.formatVersion, '1');
  const knowledge = orAbsent(top.knowledge, textTable);
  const pace = orAbsent(top.pace, paceMode);
  const signer = orAbsent(top.signer, signerPlace);
  const rpc = fields(top.rpc, ['host', 'port']);
  return {
    formatVersion: 1,
    name: text(top.name),
    rpc: { host: text(rpc.host), port: port(rpc.port) },
    p2p: p2pConfig(top.p2p),
    modelDirectory: orNull(top.modelDirectory, text),
    ...(knowledge === undefined ? {} : { knowledge }),
    ...(pace === undefined ? {} : { pace }),
    ...(signer === undefined ? {} : { signer }),
  };
}

function signerPlace(source: Source): SignerPlace {
  const top = fields(source, ['url', 'tokenFile', 'caFile', 'answerMs']);
  const [caFile, answerMs] = [orAbsent(top.caFile, text), orAbsent(top.answerMs, number)];
  return {
    url: text(top.url),
    tokenFile: text(top.tokenFile),
    ...(caFile === undefined ? {} : { caFile }),
    ...(answerMs === undefined ? {} : { answerMs }),
  };
}

function paceMode(source: Source): PaceMode {
  const mode = (['interval', 'auto', 'manual'] as const).find((one) => one === source.value);
  if (mode === undefined) throw invalid(source, 'interval, auto or manual');
  return mode;
}

function p2pConfig(source: Source): P2pConfig {
  const top = fields(source, ['listen', 'bootstrap', 'persistent', 'announce', 'mdns', 'dht', 'nat']);
  const [persistent, announce] = [top.persistent, top.announce].map((one) => orAbsent(one, addressList));
  const [mdns, dht] = [top.mdns, top.dht].map((one) => orAbsent(one, flag));
  const nat = orAbsent(top.nat, (one) => natHelpers(textList(one).join(','), `${one.file}: "nat"`));
  return {
    listen: multiaddress(top.listen),
    bootstrap: addressList(top.bootstrap),
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

function addressList(source: Source): string[] {
  return list(source).map(multiaddress);
}

function multiaddress(source: Source): string {
  const value = text(source);
  if (!isAddress(value)) throw invalid(source, `an address like ${EXAMPLE}`);
  return value;
}

function port(source: Source): number {
  const value = number(source);
  if (!Number.isInteger(value) || value < 0 || value > 65_535) throw invalid(source, 'a port, 0 to 65535');
  return value;
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
