/**
 * Files with settings (`synod.toml`): where they are looked for, and their text as tables. Owns reading and the lines that keys
 * stand in; what the keys mean is config-keys.ts.
 */
import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { SynodError } from '@synod/chain/errors';
import { configDirectory, displayPath, type Environment } from './paths.ts';

export type ConfigScope = '--config' | 'SYNOD_CONFIG' | 'project' | 'user' | 'system';

/** A place where settings may stand. */
export type ConfigPlace = { readonly scope: ConfigScope; readonly path: string; readonly exists: boolean };

export type ConfigValue = string | number | boolean | bigint | Date | readonly ConfigValue[] | ConfigTable;
export type ConfigTable = { readonly [key: string]: ConfigValue };

export type ConfigFile = ConfigPlace & {
  readonly table: ConfigTable;
  /** The line that a key stands in, from 1; null where it cannot be told. */
  readonly lineOf: (path: readonly string[]) => number | null;
};

export type ConfigSearch = {
  /** What `--config` names. */
  readonly named: string | undefined;
  readonly environment: Environment;
  readonly folder: string;
  readonly systemFile?: string;
};

const NAME = 'synod.toml';
const SYSTEM_FILE = '/etc/synod/synod.toml';
const BYTES_MAX = 1 << 20;
/** Says that no file is to be read. */
const NONE = 'none';

/** The places in order, the strongest first. `--config` and SYNOD_CONFIG stand in for the project's file; `none` for all. */
export function configPlaces({ named, environment, folder, systemFile = SYSTEM_FILE }: ConfigSearch): ConfigPlace[] {
  const fromEnvironment = environment['SYNOD_CONFIG'] || undefined;
  const chosen = named ?? fromEnvironment;
  if (named === '') throw usage('--config is empty. Name a file, or none to read no file.');
  if (chosen === NONE) return [];
  const first: readonly [ConfigScope, string] =
    chosen === undefined
      ? ['project', join(folder, NAME)]
      : [named === undefined ? 'SYNOD_CONFIG' : '--config', resolve(folder, chosen)];
  const places: readonly (readonly [ConfigScope, string])[] = [
    first,
    ['user', join(configDirectory(environment), NAME)],
    ['system', systemFile],
  ];
  return places.map(([scope, path]) => ({
    scope,
    path,
    exists: statSync(path, { throwIfNoEntry: false }) !== undefined,
  }));
}

/** The files that are there, the strongest first. Throws `CONFIG_INVALID`, naming file and line. */
export async function readConfigFiles(search: ConfigSearch): Promise<readonly ConfigFile[]> {
  const places = configPlaces(search);
  const missing = places.find(({ scope, exists }) => !exists && (scope === '--config' || scope === 'SYNOD_CONFIG'));
  if (missing !== undefined) {
    throw invalid(
      missing.path,
      null,
      `${missing.scope} names it, and it does not exist`,
      'Name another file, or make it: see what could stand there with  synod config show',
    );
  }
  const files: ConfigFile[] = [];
  for (const place of places) if (place.exists) files.push(await readConfigFile(place));
  return files;
}

async function readConfigFile(place: ConfigPlace): Promise<ConfigFile> {
  const text = readText(place.path);
  const { parse, TomlError } = await import('smol-toml');
  try {
    const table = parse(text, { integersAsBigInt: 'asNeeded' }) as ConfigTable;
    const lines = linesOf(text);
    return { ...place, table, lineOf: (path) => lines.get(path.join('\0')) ?? null };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const why = (error.message.split('\n')[0] ?? '').replace(/^Invalid TOML document: /, '');
    throw invalid(place.path, error.line, `is no TOML: ${why}`, 'Write settings like  max-cost = "0.01"  below  [ask]');
  }
}

function readText(path: string): string {
  try {
    const stat = statSync(path);
    if (!stat.isFile()) throw invalid(path, null, 'is no file', 'Name a file with settings.');
    if (stat.size > BYTES_MAX) throw invalid(path, null, 'is larger than 1 MiB', 'Name a file with settings.');
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
  } catch (error) {
    if (error instanceof TypeError) throw invalid(path, null, 'is not UTF-8 text', 'Save it as UTF-8.');
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === 'EACCES') throw invalid(path, null, 'may not be read', 'Change its mode, or its owner.');
    throw error;
  }
}

/** Lines of plain `key =` and `[table]`; keys within inline tables and strings of several lines are left out. */
function linesOf(text: string): ReadonlyMap<string, number> {
  const lines = new Map<string, number>();
  let table: readonly string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const header = /^\s*\[\s*([^[\]]+?)\s*\]\s*(?:#.*)?$/.exec(line);
    const key = /^\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=/.exec(line);
    if (header !== null) table = partsOf(header[1]!);
    const path = header !== null ? table : key !== null ? [...table, ...partsOf(key[1]!)] : null;
    if (path !== null && !lines.has(path.join('\0'))) lines.set(path.join('\0'), index + 1);
  }
  return lines;
}

function partsOf(key: string): string[] {
  return [...key.matchAll(/[\w-]+|"[^"]*"|'[^']*'/g)].map(([part]) => part.replaceAll(/^["']|["']$/g, ''));
}

/** `synod.toml, line 3`, as a message names it. */
export function placeText(path: string, line: number | null): string {
  const shown = displayPath(path);
  return line === null ? shown : `${shown}, line ${line}`;
}

/** A file's own mistake. */
export function invalid(path: string, line: number | null, why: string, next: string): SynodError {
  return new SynodError('CONFIG_INVALID', `${placeText(path, line)}: ${why}\n${next}`, { facts: { file: path, line } });
}

/** A path that stands in a file: relative to the file's folder, `~/` is the home folder. */
export function pathInFile(file: string, text: string): string {
  if (text === '~' || text.startsWith('~/')) return join(homedir(), text.slice(1));
  return isAbsolute(text) ? text : resolve(dirname(file), text);
}

function usage(message: string): SynodError {
  return new SynodError('USAGE', message);
}
