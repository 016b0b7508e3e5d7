/**
 * Settings from config files, put in force in one place: flag, then environment, then project file, user's file, system's file,
 * then default. Owns that order and where a value came from; what keys mean is config-keys.ts.
 */
import { type Command, InvalidArgumentError, type Option } from 'commander';
import { isRepeated } from '../tree/flags.ts';
import type { Applied } from './applied.ts';
import { type ConfigFile, type ConfigSearch, invalid, readConfigFiles } from './config-file.ts';
import {
  keyOf,
  type Setting,
  settable,
  settingFor,
  settingsOf,
  sharedSetting,
  VARIABLES,
  variableOf,
} from './config-keys.ts';
import type { Environment } from './paths.ts';

/** Every file that is there with its settings, the strongest first. */
export type Config = readonly { readonly file: ConfigFile; readonly settings: readonly Setting[] }[];

/** Reads and checks all files. Throws `CONFIG_INVALID`. */
export async function loadConfig(program: Command, search: ConfigSearch): Promise<Config> {
  const files = await readConfigFiles(search);
  return files.map((file) => ({ file, settings: settingsOf(program, file) }));
}

/** The setting that the strongest file has for a flag of a command. */
export function configured(config: Config, command: Command, option: Option): Setting | null {
  return strongest(config, (settings) => settingFor(settings, command, option));
}

function strongest(config: Config, find: (settings: readonly Setting[]) => Setting | null): Setting | null {
  for (const { settings } of config) {
    const found = find(settings);
    if (found !== null) return found;
  }
  return null;
}

/**
 * Sets what files say on the command, before its flags are parsed: flags replace it. Settings with a variable of their own are
 * put into `environment` where that has none, so that the rules of settings.ts hold for all three.
 * Throws `CONFIG_INVALID` for a value that the flag does not take.
 */
export function applyConfig(
  config: Config,
  command: Command,
  environment: Record<string, string | undefined>,
): Applied[] {
  const applied = applyVariables(config, command, environment);
  for (const option of settable(command)) {
    const variable = variableOf(option);
    if (variable !== null && Object.values(VARIABLES).includes(variable)) continue;
    const setting = configured(config, command, option);
    if (setting === null || (variable !== null && isSet(environment, variable))) continue;
    command.setOptionValueWithSource(option.attributeName(), parsed(option, setting), 'config');
    applied.push({ setting, names: [`--${option.name()}`] });
  }
  return applied;
}

function applyVariables(config: Config, command: Command, environment: Record<string, string | undefined>): Applied[] {
  const isElsewhere = isSet(environment, 'SYNOD_DATA_DIR') || isSet(environment, 'SYNOD_PORT_BASE');
  return Object.entries(VARIABLES).flatMap(([key, variable]) => {
    // A folder or port that the environment names is where the node is, whatever address a file has.
    if (isSet(environment, variable) || (key === 'rpc' && isElsewhere)) return [];
    const option = command.options.find((each) => keyOf(each) === key && variableOf(each) === variable);
    const setting =
      option === undefined
        ? strongest(config, (settings) => sharedSetting(settings, key))
        : configured(config, command, option);
    if (setting === null || typeof setting.value === 'boolean') return [];
    environment[variable] = setting.value.join(',');
    return [{ setting, names: [variable, `--${key}`] }];
  });
}

function parsed(option: Option, setting: Setting): unknown {
  const { value, file, line, key } = setting;
  if (typeof value === 'boolean' || isRepeated(option)) return value;
  const text = value[0] ?? '';
  try {
    return option.parseArg === undefined ? text : option.parseArg(text, undefined);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw invalid(file.path, line, `${key} "${text}" is invalid`, error.message);
  }
}

function isSet(environment: Environment, name: string): boolean {
  const value = environment[name];
  return value !== undefined && value !== '';
}
