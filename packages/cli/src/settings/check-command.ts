/** Checks what was given to a command, by flags or files, before it runs. Owns which values are looked at. */
import type { Argument, Command, Option } from 'commander';
import { type Applied, settingText } from './applied.ts';
import { checkValue, metavarOf } from './value-kinds.ts';

/** Arguments that are texts of people's own; their command says what is wrong with them. */
const FREE: readonly string[] = ['prompt', 'question'];

/** Throws a usage error that names the flag, the argument or the file. */
export function checkCommand(command: Command, applied: readonly Applied[]): void {
  for (const option of command.options) checkOption(command, option, applied);
  for (const [index, argument] of command.registeredArguments.entries()) checkArgument(command, argument, index);
}

function checkOption(command: Command, option: Option, applied: readonly Applied[]): void {
  const metavar = metavarOf(option.flags);
  const source = command.getOptionValueSource(option.attributeName());
  if (metavar === null || option.hidden || (source !== 'cli' && source !== 'config')) return;
  const flag = option.long ?? option.short ?? '';
  const setting = applied.find(({ names }) => names.includes(flag))?.setting;
  const name = source === 'config' && setting !== undefined ? settingText(setting) : flag;
  const value: unknown = command.getOptionValue(option.attributeName());
  // What a parser of its own made of a text is right already.
  for (const text of Array.isArray(value) ? value : [value]) {
    if (typeof text === 'string') checkValue(metavar, text, name);
  }
}

function checkArgument(command: Command, argument: Argument, index: number): void {
  const name = argument.name();
  if (FREE.includes(name)) return;
  const given = argument.variadic ? command.args.slice(index) : command.args.slice(index, index + 1);
  for (const text of given) checkValue(name, text, name);
}
