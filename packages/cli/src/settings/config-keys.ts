/**
 * What may stand in a config file: the flags of every command, by the tree of commands. Owns which key means which flag, the
 * types of values and every error about them; reading files is config-file.ts, using the values is config.ts.
 */
import type { Command, Option } from 'commander';
import { isGroup, ownOptions } from '../tree/everywhere.ts';
import { ANY_EXPERT, everyCommand, isRepeated, wordsOf } from '../tree/flags.ts';
import { type ConfigFile, type ConfigTable, type ConfigValue, invalid, pathInFile } from './config-file.ts';
import { nearest } from './nearest.ts';

/** Settings that may stand at the top and then hold for every command that has the flag. */
const SHARED: readonly string[] = ['rpc', 'data-dir', 'port-base', 'model', 'json', 'plain', 'color', 'input', 'debug'];

/** Settings that say where a node is: every command that talks to one heeds them, as it heeds these variables. */
export const VARIABLES: Readonly<Record<string, string>> = {
  rpc: 'SYNOD_RPC_URL',
  'data-dir': 'SYNOD_DATA_DIR',
  'port-base': 'SYNOD_PORT_BASE',
};

/** Keys whose value nobody else may read, or that would be one: they stand in files of their own. */
const SECRET =
  /^(?:read-key|(?:.*-)?(?:password|passphrase|mnemonic|secret|secret-key|private-key|token|api-key|spend-key|key))$/;

/** A key of a file, with the text it gives each flag. */
export type Setting = {
  readonly key: string;
  /** Texts as they would be typed; a boolean for a flag without a value. */
  readonly value: readonly string[] | boolean;
  readonly file: ConfigFile;
  readonly line: number | null;
  /** Words of the table it stands in; none at the top. */
  readonly table: readonly string[];
};

/** Name of a flag in files: `--max-cost` is `max-cost`, `--no-color` is `color`. */
export function keyOf(option: Option): string {
  return option.negate ? option.name().replace(/^no-/, '') : option.name();
}

/** Whether a flag's value is for nobody's eyes and may stand in no file. */
export function isSecret(option: Option): boolean {
  return SECRET.test(keyOf(option));
}

/** The environment variable that a flag's help names. */
export function variableOf(option: Option): string | null {
  return /\(.*\balso: (SYNOD_[A-Z_]+)/.exec(option.description)?.[1] ?? null;
}

/** Every setting of a file. Throws `CONFIG_INVALID` at the first that no command knows or takes. */
export function settingsOf(program: Command, file: ConfigFile): readonly Setting[] {
  return readTable(program, file, file.table, []);
}

function readTable(command: Command, file: ConfigFile, table: ConfigTable, words: readonly string[]): Setting[] {
  return Object.entries(table).flatMap(([key, value]) => {
    const path = [...words, key];
    const line = file.lineOf(path);
    if (isTable(value)) {
      const child = childOf(command, key.split(' '));
      if (child === null) throw unknownTable(command, file, path, line);
      return readTable(child, file, value, path);
    }
    refuseSecret(file, key, line);
    const options = optionsOf(command).filter((option) => keyOf(option) === key);
    const [option] = options;
    if (option === undefined) throw unknownKey(command, file, path, line);
    return [{ key, value: readValue(option, value, { file, key, line }), file, line, table: wordsOf(command) }];
  });
}

/** The command below that the words of a table's name lead to: `[devnet.chaos]` or `["devnet chaos"]`. */
function childOf(command: Command, words: readonly string[]): Command | null {
  const [first, ...rest] = words;
  const child = command.commands.find((each) => each.name() === first && !isHidden(each)) ?? null;
  return child === null || rest.length === 0 ? child : childOf(child, rest);
}

/** Flags that a key in the command's table may mean. */
function optionsOf(command: Command): readonly Option[] {
  if (command.parent === null) {
    const options = everyCommand(command).flatMap(({ options }) => options);
    return options.filter((option) => SHARED.includes(keyOf(option)));
  }
  const owners = isGroup(command) ? everyCommand(command) : [command];
  return owners.flatMap((owner) => settable(owner));
}

/** Flags of a command that may stand in a file. */
export function settable(command: Command): readonly Option[] {
  return command.options.filter((option) => !option.hidden && keyOf(option) !== 'config' && !isSecret(option));
}

/** The setting that a file has for a flag of a command: its own table's, else a group's above it, else the top's. */
export function settingFor(settings: readonly Setting[], command: Command, option: Option): Setting | null {
  const key = keyOf(option);
  const words = wordsOf(command);
  const tables = words.map((_, index) => words.slice(0, words.length - index)).filter((path) => holds(command, path));
  for (const table of tables) {
    const found = settings.find((each) => each.key === key && each.table.join(' ') === table.join(' '));
    if (found !== undefined) return found;
  }
  // `verify` asks no node unless told to, and a run of chaos has a folder of its own.
  const isElsewhere = key in VARIABLES && variableOf(option) === null;
  return !SHARED.includes(key) || isElsewhere ? null : sharedSetting(settings, key);
}

/** The setting that stands at the top of a file. */
export function sharedSetting(settings: readonly Setting[], key: string): Setting | null {
  return settings.find((each) => each.key === key && each.table.length === 0) ?? null;
}

/** A table holds for its command, that of a group for all commands in it. */
function holds(command: Command, path: readonly string[]): boolean {
  let owner: Command | null = command;
  while (owner !== null && wordsOf(owner).length > path.length) owner = owner.parent;
  return owner === command || (owner !== null && isGroup(owner));
}

type At = { readonly file: ConfigFile; readonly key: string; readonly line: number | null };

function readValue(option: Option, value: ConfigValue, at: At): readonly string[] | boolean {
  if (option.isBoolean() || option.negate) {
    if (typeof value === 'boolean') return value;
    throw invalid(at.file.path, at.line, `${at.key} must be true or false`, `Write  ${at.key} = true`);
  }
  const items = Array.isArray(value) ? (value as readonly ConfigValue[]) : [value];
  if (Array.isArray(value) && !isRepeated(option)) {
    throw invalid(at.file.path, at.line, `${at.key} takes one value, not a list`, `Write  ${at.key} = "…"`);
  }
  return items.map((item) => textOf(option, item, at));
}

function textOf(option: Option, value: ConfigValue, { file, key, line }: At): string {
  if (typeof value === 'string') return isPath(option, value) ? pathInFile(file.path, value) : value;
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  throw invalid(file.path, line, `${key} must be text or a number`, `Write  ${key} = "…"`);
}

/** What stands for nothing, or for any, where a path is asked for. */
const NO_PATHS: readonly string[] = ['', 'none', ANY_EXPERT];

/** Whether the text is a path, so that it is meant from the folder of the file. */
function isPath(option: Option, text: string): boolean {
  if (/[<[](?:folder|file|path)[>\]]/.test(option.flags)) return !NO_PATHS.includes(text);
  return /^\.{0,2}\//.test(text) && option.long === '--model';
}

function refuseSecret(file: ConfigFile, key: string, line: number | null): void {
  if (!SECRET.test(key)) return;
  const next =
    'Remove it there; keep it in a file that you alone may read, and name that with --key-file or --password-file.';
  throw invalid(file.path, line, `${key} is a secret, and settings hold none`, next);
}

function unknownTable(command: Command, file: ConfigFile, path: readonly string[], line: number | null): Error {
  const names = command.commands.filter((each) => !isHidden(each)).map((each) => each.name());
  const meant = nearest(path.at(-1)!, names);
  const prefix = path
    .slice(0, -1)
    .map((word) => `${word}.`)
    .join('');
  const next = meant !== null ? `Did you mean [${prefix}${meant}]?` : commandsText(prefix, names);
  return invalid(file.path, line, `[${path.join('.')}] is the table of no command`, next);
}

function commandsText(prefix: string, names: readonly string[]): string {
  return names.length === 0
    ? `[${prefix.slice(0, -1)}] holds no tables.`
    : `Known are: ${names.map((name) => prefix + name).join(', ')}`;
}

function unknownKey(command: Command, file: ConfigFile, path: readonly string[], line: number | null): Error {
  const key = path.at(-1)!;
  const known = [
    ...new Set(
      optionsOf(command)
        .filter((option) => !option.hidden)
        .map(keyOf),
    ),
  ];
  const meant = nearest(key, known);
  const where = command.parent === null ? 'at the top' : `in [${path.slice(0, -1).join('.')}]`;
  const elsewhere = command.parent === null ? tablesWith(command, key) : [];
  const next =
    elsewhere.length > 0
      ? `It belongs into the table of its command, e.g. [${elsewhere[0]}].`
      : meant !== null
        ? `Did you mean ${meant}?`
        : `Known there are: ${known.join(', ')}`;
  return invalid(file.path, line, `nothing is called ${key} ${where}`, next);
}

/** Tables of the commands that have such a flag. */
function tablesWith(program: Command, key: string): readonly string[] {
  return everyCommand(program)
    .filter((command) => command.parent !== null && ownOptions(command).some((option) => keyOf(option) === key))
    .map((command) => wordsOf(command).join('.'));
}

function isTable(value: ConfigValue): value is ConfigTable {
  return typeof value === 'object' && !Array.isArray(value) && !(value instanceof Date);
}

/** Commands for machines, such as the one that completion asks. */
export function isHidden(command: Command): boolean {
  return command.name().startsWith('__');
}
