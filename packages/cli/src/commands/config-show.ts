/** `synod config show|path`: settings in force, and where each comes from. Owns the words; the order is settings/config.ts. */

import { SynodError } from '@synod/chain/errors';
import { type Command, CommanderError } from 'commander';
import { checkCommand } from '../settings/check-command.ts';
import { type Config, configured, loadConfig } from '../settings/config.ts';
import { configPlaces, placeText } from '../settings/config-file.ts';
import { isHidden, keyOf, type Setting, settable, VARIABLES, variableOf } from '../settings/config-keys.ts';
import { nearest } from '../settings/nearest.ts';
import { displayPath } from '../settings/paths.ts';
import { type CommonOptions, print, printJson, table } from '../terminal/output.ts';
import { wordsOf } from '../tree/flags.ts';

export type ConfigShowFlags = CommonOptions & { readonly config?: string; readonly origin?: boolean };

type Origin = 'flag' | 'environment' | 'file' | 'default';
type Row = {
  readonly key: string;
  readonly value: string | readonly string[] | boolean | number | null;
  readonly origin: Origin;
  /** The flag, the variable, or file and line. */
  readonly from: string | null;
};

/** Of one command all flags with their values; without one all that is set anywhere. */
export async function runConfigShow(words: readonly string[], flags: ConfigShowFlags, program: Command): Promise<void> {
  const config = await loadConfig(program, searchOf(flags));
  const { command, rest } = findCommand(program, words);
  const rows = command === null ? everything(config) : rowsOf(config, command, rest);
  const name = command === null ? null : wordsOf(command).join(' ');
  if (flags.json) return printJson({ command: name, settings: rows.map((row) => jsonOf(row, flags.origin === true)) });
  if (rows.length === 0)
    return print('Nothing is set: every command uses its defaults. See them:  synod config show devnet');
  for (const line of table(
    rows.map((row) => [row.key, valueText(row), ...(flags.origin === true ? [originText(row)] : [])]),
  ))
    print(line);
}

/** The places of settings, the strongest first, with what is there. */
export function runConfigPath(flags: ConfigShowFlags): void {
  const files = configPlaces(searchOf(flags)).map(({ scope, path, exists }) => ({ scope, path, exists }));
  if (flags.json) return printJson({ files });
  if (files.length === 0) return print('No file is read, as --config or SYNOD_CONFIG says.');
  for (const line of table(
    files.map(({ scope, path, exists }) => [displayPath(path), scope, exists ? 'read' : 'not there']),
  ))
    print(line);
}

function searchOf(flags: ConfigShowFlags) {
  return { named: flags.config, environment: process.env, folder: process.cwd() };
}

/** The command that the first words name, and what is left of them. */
function findCommand(program: Command, words: readonly string[]): { command: Command | null; rest: readonly string[] } {
  let command = program;
  let used = 0;
  for (const word of words) {
    const names = command.commands.filter((each) => !isHidden(each)).map((each) => each.name());
    const child = command.commands.find((each) => each.name() === word && !isHidden(each));
    if (child === undefined) {
      if (word.startsWith('-') || names.length === 0) break;
      const meant = nearest(word, names);
      const hint = meant === null ? `Known are: ${names.join(', ')}` : `Did you mean ${meant}?`;
      throw new SynodError('USAGE', `There is no command "${[...wordsOf(command), word].join(' ')}".\n${hint}`);
    }
    command = child;
    used += 1;
  }
  return { command: command === program ? null : command, rest: words.slice(used) };
}

function rowsOf(config: Config, command: Command, given: readonly string[]): readonly Row[] {
  const { operands, unknown } = command.parseOptions([...given]);
  const [wrong] = [...unknown.filter((word) => word.startsWith('-')), ...operands];
  if (wrong !== undefined) {
    throw new CommanderError(
      2,
      'commander.unknownOption',
      `error: "${wordsOf(command).join(' ')}" has no flag '${wrong}'`,
    );
  }
  checkCommand(command, []);
  return settable(command).map((option): Row => {
    const key = keyOf(option);
    const variable = variableOf(option) ?? null;
    const value: unknown = command.getOptionValue(option.attributeName());
    if (command.getOptionValueSource(option.attributeName()) === 'cli') {
      return { key, value: plain(value), origin: 'flag', from: option.long ?? option.short ?? null };
    }
    const fromEnvironment = variable === null ? undefined : process.env[variable];
    if (fromEnvironment) return { key, value: fromEnvironment, origin: 'environment', from: variable };
    const setting = configured(config, command, option);
    if (setting !== null) return fileRow(setting);
    return { key, value: plain(value), origin: 'default', from: null };
  });
}

/** Everything that files and the environment set, whichever command it is for. */
function everything(config: Config): readonly Row[] {
  const variables = [...Object.entries(VARIABLES), ['color', 'NO_COLOR'], ['log', 'SYNOD_LOG']] as const;
  const environment = variables.flatMap(([key, variable]): Row[] => {
    const value = process.env[variable];
    return value ? [{ key, value, origin: 'environment', from: variable }] : [];
  });
  const seen = new Set(environment.map(({ key }) => key));
  const files = config.flatMap(({ settings }) =>
    settings.map((setting) => ({ ...fileRow(setting), key: [...setting.table, setting.key].join('.') })),
  );
  return [...environment, ...files.filter(({ key }) => !seen.has(key) && seen.add(key))];
}

function fileRow({ key, value, file, line }: Setting): Row {
  const single = typeof value !== 'boolean' && value.length === 1 ? value[0]! : value;
  return { key, value: single, origin: 'file', from: placeText(file.path, line) };
}

function plain(value: unknown): Row['value'] {
  if (Array.isArray(value)) return value.map(String);
  return typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number' ? value : null;
}

function jsonOf({ key, value, origin, from }: Row, isOrigin: boolean): object {
  return { key, value, ...(isOrigin ? { origin, from } : {}) };
}

function valueText({ value }: Row): string {
  if (value === null) return '–';
  return typeof value === 'object' ? value.join(', ') : String(value);
}

function originText({ origin, from }: Row): string {
  return from === null ? origin : `${origin === 'file' ? '' : `${origin} `}${from}`;
}
