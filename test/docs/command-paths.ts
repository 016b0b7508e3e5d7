/** Which commands of the tree some words name. Owns nothing: the tree is the CLI's. */
import { createProgram } from '../../packages/cli/src/command-line.ts';
import { everyCommand, wordsOf } from '../../packages/cli/src/tree/flags.ts';

const all: ReadonlySet<string> = new Set(everyCommand(createProgram()).map((command) => wordsOf(command).join(' ')));

/** Whether the tree has a command, or a group of commands, of these words, e.g. `key list`. */
export const isCommand = (path: string): boolean => all.has(path);

/**
 * Words of each command that the words after `synod` name, e.g. `key list` and `key show` for `key list|show`; `""` for `synod` alone.
 * What belongs to the command's arguments is left out.
 */
export function commandPaths(words: readonly string[]): readonly string[] {
  let paths = [''];
  for (const word of words) {
    const longer = paths.flatMap((path) => word.split('|').map((name) => `${path} ${name}`.trim()));
    if (!longer.every(isCommand)) break;
    paths = longer;
  }
  return paths;
}
