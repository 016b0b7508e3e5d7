/** Command lines as text: parsed by the real tree without running anything. */
import type { Command } from 'commander';
import { createProgram } from '../../src/command-line.ts';
import { checkCommand } from '../../src/settings/check-command.ts';
import { isGroup } from '../../src/tree/everywhere.ts';
import { everyCommand, wordsOf } from '../../src/tree/flags.ts';

/** What stands for a value in documentation: an ellipsis, or a word in capitals. */
const STAND_IN = /…|^<.*>$|(?:^|[@=/,])[A-Z][A-Z0-9-]*(?:$|[@=/,.])/;

/** The words of the command that ran, or why the line is wrong. */
export type Parsed =
  | { readonly command: readonly string[]; readonly error: null }
  | { readonly command: null; readonly error: string };

/** Parses the words after `synod`; values are checked too, except stand-ins. */
export async function parseWords(argv: readonly string[]): Promise<Parsed> {
  const program = createProgram();
  let ran: Command | null = null;
  for (const command of everyCommand(program)) {
    command.configureOutput({ writeOut: () => undefined, writeErr: () => undefined, outputError: () => undefined });
    if (isGroup(command)) continue;
    command.action(() => {
      ran = command;
    });
  }
  try {
    await program.parseAsync([...argv], { from: 'user' });
    if (ran === null) return { command: null, error: 'names no command' };
    checkWithoutStandIns(ran);
    return { command: wordsOf(ran), error: null };
  } catch (error) {
    const { code, exitCode, message } = error as { code?: string; exitCode?: number; message: string };
    if (code === 'commander.helpDisplayed' && exitCode === 0)
      return { command: argv.filter((word) => word !== '--help'), error: null };
    return { command: null, error: message };
  }
}

function checkWithoutStandIns(command: Command): void {
  for (const option of command.options) {
    const value: unknown = command.getOptionValue(option.attributeName());
    const texts = (Array.isArray(value) ? value : [value]).map(String);
    if (texts.some((text) => STAND_IN.test(text)))
      command.setOptionValueWithSource(option.attributeName(), undefined, 'default');
  }
  command.args = command.args.map((text, index) => {
    const name = command.registeredArguments[index]?.name() ?? '';
    return STAND_IN.test(text) ? (name.split('|')[0] ?? text).replace(/^(?:amount|height|epoch|version)$/, '1') : text;
  });
  checkCommand(command, []);
}

/** The commands of one shell line that begin with `synod`, each as its words; pipes, lists, redirections and comments end them. */
export function synodCommands(line: string): readonly (readonly string[])[] {
  return simpleCommands(line)
    .map(withoutSetting)
    .filter(([first = '']) => /^(?:.*\/)?synod$/.test(first))
    .map(([, ...words]) => words);
}

/** Without `NAME=value` and words such as `time` before the command. */
function withoutSetting(words: readonly string[]): readonly string[] {
  const first = words.findIndex(
    (word) => !/^[A-Z_]+=/.test(word) && !['time', 'exec', 'nohup', 'sudo', '$'].includes(word),
  );
  return first === -1 ? [] : words.slice(first);
}

function simpleCommands(line: string): readonly string[][] {
  const commands: string[][] = [[]];
  const token =
    /\s+|#.*$|(?:\d?[<>]{1,2}&?\s*[^\s;|&)]*)|&&|\|\||[;|&()]|\$\(|((?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s;|&()<>"'\\]|<[a-z|-]+>)+)/gy;
  for (let match = token.exec(line); match !== null; match = token.exec(line)) {
    const [text, word] = match;
    if (word !== undefined) commands.at(-1)!.push(unquoted(word));
    else if (/^(?:&&|\|\||[;|&()]|\$\()$/.test(text)) commands.push([]);
    else if (text.startsWith('#') || text === '') break;
  }
  return commands.filter((words) => words.length > 0);
}

function unquoted(word: string): string {
  return word.replaceAll(/"((?:\\.|[^"\\])*)"|'([^']*)'|\\(.)/g, (_all, double, single, escaped) =>
    double !== undefined ? String(double).replaceAll(/\\(.)/g, '$1') : (single ?? escaped),
  );
}
