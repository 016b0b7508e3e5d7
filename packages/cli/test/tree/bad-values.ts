/** Every flag of every command with every kind of wrong value: the cases, made from the tree. */
import type { Argument, Command, Option } from 'commander';
import { isHidden } from '../../src/settings/config-keys.ts';
import { checkValue, metavarOf } from '../../src/settings/value-kinds.ts';
import { isGroup, ownOptions } from '../../src/tree/everywhere.ts';
import { everyCommand, wordsOf } from '../../src/tree/flags.ts';

export type Case = {
  readonly argv: readonly string[];
  readonly command: string;
  readonly metavar: string;
  readonly value: string;
};

export type Places = { readonly folder: string; readonly file: string; readonly missing: string };

/** Commands that begin to work without asking a node: of these only what the tree refuses is typed. */
export const AT_ONCE =
  /^(?:devnet|devnet chaos|simulate.*|experiment.*|expert (?:train|eval|build|ask)|model (?:fetch|personal.*)|signer|doctor|service.*|backup.*|init)$/;

/** Arguments of people's own words. */
const FREE_ARGUMENTS: readonly string[] = ['prompt', 'question', 'command'];

/** What tired people type. */
export function badValues({ folder, file, missing }: Places): readonly string[] {
  return ['', ' ', 'abc', '-1', '1e99', '١٢٣', '0x', 'x'.repeat(5_000), missing, folder, file];
}

/** Right values by the word in the brackets, for what a command insists on. */
function rightValue(metavar: string, places: Places): string {
  const first = metavar.split('|')[0]!;
  const known: Readonly<Record<string, string>> = {
    amount: '1',
    folder: places.folder,
    file: places.file,
    'height@hash': `1@0x${'ab'.repeat(32)}`,
    part: '5%',
    nano: '5000',
    number: '1',
    version: '1',
    key: `0x${'cd'.repeat(32)}`,
    change: 'staking.jailHeights=500',
    epoch: '1',
  };
  return known[first] ?? (metavar.includes('|') ? first : 'geography');
}

export function leafCommands(program: Command): readonly Command[] {
  return everyCommand(program).filter((command) => !isGroup(command) && !isHidden(command));
}

export function badCases(program: Command, places: Places): readonly Case[] {
  return leafCommands(program).flatMap((command) => [
    ...ownOptions(command)
      .filter((option) => metavarOf(option.flags) !== null && !option.hidden)
      .flatMap((option) => badValues(places).map((value) => flagCase(command, option, value, places))),
    ...command.registeredArguments
      .filter((argument) => !FREE_ARGUMENTS.includes(argument.name()))
      .flatMap((_, index) => badValues(places).map((value) => argumentCase(command, index, value, places))),
  ]);
}

/** The command with all that it insists on. */
export function rightWords(command: Command, places: Places): readonly string[] {
  return [...wordsOf(command), ...argumentsOf(command, places), ...flagsOf(mandatory(command), places)];
}

/** Whether the tree itself refuses the value, before any command is loaded. */
export function isRefused(metavar: string, value: string): boolean {
  try {
    checkValue(metavar, value, 'it');
    return false;
  } catch {
    return true;
  }
}

function flagCase(command: Command, option: Option, value: string, places: Places): Case {
  const others = mandatory(command).filter((each) => each !== option);
  const argv = [...wordsOf(command), ...argumentsOf(command, places), ...flagsOf(others, places), option.long!, value];
  return { argv, command: wordsOf(command).join(' '), metavar: metavarOf(option.flags)!, value };
}

function argumentCase(command: Command, index: number, value: string, places: Places): Case {
  const before = command.registeredArguments.slice(0, index).map((argument) => argumentValue(argument, places));
  const after = argumentsOf(command, places).slice(index + 1);
  const argv = [...wordsOf(command), ...flagsOf(mandatory(command), places), '--', ...before, value, ...after];
  const metavar = command.registeredArguments[index]!.name();
  return { argv, command: wordsOf(command).join(' '), metavar, value };
}

function mandatory(command: Command): readonly Option[] {
  return command.options.filter((option) => option.mandatory);
}

function flagsOf(options: readonly Option[], places: Places): readonly string[] {
  return options.flatMap((option) => [option.long!, rightValue(metavarOf(option.flags)!, places)]);
}

function argumentsOf(command: Command, places: Places): readonly string[] {
  return command.registeredArguments
    .filter(({ required }) => required)
    .map((argument) => argumentValue(argument, places));
}

function argumentValue(argument: Argument, places: Places): string {
  return argument.argChoices?.[0] ?? rightValue(argument.name(), places);
}
