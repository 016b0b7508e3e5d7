/** What the trees of commands share: common flags, flags as a command's module takes them, and flags that may be repeated. */
import type { Command, Option } from 'commander';

export const RPC = ['--rpc <url>', 'node to talk to (also: SYNOD_RPC_URL)'] as const;
export const JSON_FLAG = ['--json', 'one JSON object'] as const;
export const DATA_DIR = ['--data-dir <folder>', 'of the devnet whose names are meant (also: SYNOD_DATA_DIR)'] as const;
export const KEY_FILE = ['--key-file <file>', 'a key made by "synod account new"'] as const;
export const MODEL = ['--model <name>', 'default, tiny, or a folder with a converted model', 'default'] as const;

/** What `start --expert` without a folder stands for: whichever is hosted. */
export const ANY_EXPERT = '*';

/**
 * Flags of the command and, where it has none of that name or was not given it, of those above it
 * (`devnet --data-dir D status`), with the common ones filled in; absent stays absent.
 */
// biome-ignore lint/suspicious/noExplicitAny: commander merges flags at run time; every command's module types the ones it takes.
export function all(command: Command): any {
  const flags: Record<string, unknown> = {};
  const isGiven = (owner: Command, name: string) => owner.getOptionValueSource(name) !== 'default';
  const line: Command[] = [];
  for (let each: Command | null = command; each !== null; each = each.parent) line.push(each);
  for (const isWanted of [isGiven, () => true]) {
    for (const owner of line) {
      for (const [name, value] of Object.entries(owner.opts())) {
        if (!(name in flags) && isWanted(owner, name) && value !== undefined) flags[name] = value;
      }
    }
  }
  return { ...flags, json: flags['json'] === true, debug: flags['debug'] === true };
}

/** Parser of a flag that may be given several times. */
export function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

/** Whether a flag may be given several times. */
export function isRepeated(option: Option): boolean {
  return option.variadic || repeated.has(option);
}

const repeated = new WeakSet<Option>();

/**
 * Makes a repeated flag replace what a default or the config file says, instead of adding to it.
 * Wraps the parser of every flag that `collect` reads; to be called once, when the tree is whole.
 */
export function settleRepeated(command: Command, option: Option): void {
  if (option.parseArg !== collect) return;
  repeated.add(option);
  option.argParser((value: string, before: readonly string[] | undefined) => {
    const isGiven = command.getOptionValueSource(option.attributeName()) === 'cli';
    return collect(value, isGiven ? before : undefined);
  });
}

/** The command and all below it. */
export function everyCommand(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

/** The words that name a command, without `synod`. */
export function wordsOf(command: Command): readonly string[] {
  return command.parent === null ? [] : [...wordsOf(command.parent), command.name()];
}
