/** What every command has: the flags that say how this process talks, and the check of every value before the command runs. */
import { type Command, Option } from 'commander';
import { everyCommand, settleRepeated } from './flags.ts';

const HEADING = 'Everywhere:';

const EVERYWHERE: readonly (readonly [string, string])[] = [
  ['--config <file>', 'settings to use instead of ./synod.toml; none: no file at all (also: SYNOD_CONFIG)'],
  ['--plain', 'tables for programs: columns parted by tabs, nothing cut'],
  ['--no-input', 'never ask anything; what needs a yes fails without --yes'],
  ['--no-color', 'no colours (also: NO_COLOR)'],
  ['--debug', 'show where an error comes from'],
];

/** Adds the common flags to every command, and settles those that may be repeated. To be called once the tree is whole. */
export function finishTree(program: Command): void {
  for (const command of everyCommand(program)) {
    for (const [flags, description] of EVERYWHERE) {
      const option = new Option(flags, description).helpGroup(HEADING);
      if (!command.options.some(({ long }) => long === option.long)) command.addOption(option);
    }
    for (const option of command.options) settleRepeated(command, option);
  }
}

/** The flags that are the command's own. */
export function ownOptions(command: Command): readonly Option[] {
  return command.options.filter((option) => option.helpGroupHeading !== HEADING);
}

/** Whether the command only holds others. */
export function isGroup(command: Command): boolean {
  return command.commands.length > 0 && ownOptions(command).length === 0 && command.registeredArguments.length === 0;
}
