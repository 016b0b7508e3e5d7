/** What can be typed where, by the tree of commands: the one source of the scripts for all shells. Owns which names are offered. */
import type { Argument, Command, Option } from 'commander';
import { isHidden } from '../settings/config-keys.ts';
import { choiceOf, metavarOf } from '../settings/value-kinds.ts';
import { everyCommand, wordsOf } from '../tree/flags.ts';

/** Names that only the machine knows: `synod __complete KIND` prints them. */
export const NAME_KINDS = ['accounts', 'nodes', 'domains'] as const;
export type NameKind = (typeof NAME_KINDS)[number];

/** What a value may be: words, files, folders, names that are asked for, or anything. */
export type Offer =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'file' | 'folder' | 'text' }
  | { readonly kind: 'names'; readonly names: NameKind };

export type FlagSpec = {
  readonly long: string;
  readonly short: string | null;
  readonly description: string;
  /** Null for a flag without a value. */
  readonly offer: Offer | null;
};

export type CommandSpec = {
  /** Words that name it, without `synod`. */
  readonly words: readonly string[];
  readonly children: readonly { readonly name: string; readonly description: string }[];
  readonly flags: readonly FlagSpec[];
  readonly args: readonly { readonly name: string; readonly offer: Offer }[];
};

const MODELS: readonly string[] = ['default', 'tiny', 'none'];

const NAMES: Readonly<Record<string, NameKind>> = {
  account: 'accounts',
  to: 'accounts',
  address: 'accounts',
  node: 'nodes',
  validator: 'nodes',
  domain: 'domains',
};

/** Every command, the program itself first. */
export function completionSpec(program: Command): readonly CommandSpec[] {
  return everyCommand(program)
    .filter((command) => !isHidden(command))
    .map((command) => ({
      words: wordsOf(command),
      children: command.commands
        .filter((child) => !isHidden(child))
        .map((child) => ({ name: child.name(), description: firstSentence(child.description()) })),
      flags: command.options.filter(({ hidden, long }) => !hidden && long !== undefined).map(flagOf),
      args: command.registeredArguments.map((argument) => ({
        name: argument.name(),
        offer: argumentOffer(command, argument),
      })),
    }));
}

function flagOf(option: Option): FlagSpec {
  const metavar = metavarOf(option.flags);
  const offer = metavar === null ? null : offerOf(option.long ?? '', metavar, option.argChoices);
  return { long: option.long!, short: option.short ?? null, description: firstSentence(option.description), offer };
}

function offerOf(flag: string, metavar: string, choices: readonly string[] | undefined): Offer {
  const words = choices ?? choiceOf(metavar).words;
  if (words.length > 0) return { kind: 'words', words };
  if (flag === '--model') return { kind: 'words', words: MODELS };
  if (flag === '--from' && metavar !== 'height') return { kind: 'names', names: 'accounts' };
  if (flag === '--domain') return { kind: 'names', names: 'domains' };
  if (metavar === 'folder') return { kind: 'folder' };
  if (metavar === 'file' || metavar === 'path') return { kind: 'file' };
  const names = NAMES[metavar];
  return names === undefined ? { kind: 'text' } : { kind: 'names', names };
}

function argumentOffer(command: Command, argument: Argument): Offer {
  if (argument.name() === 'command')
    return { kind: 'words', words: command.parent?.parent?.commands.map((each) => each.name()) ?? [] };
  return offerOf('', argument.name(), argument.argChoices);
}

function firstSentence(text: string): string {
  return (/^(.*?)(?:[.;:](?: |$)|$)/.exec(text)?.[1] ?? text).trim();
}
