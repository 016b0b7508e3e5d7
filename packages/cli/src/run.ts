/**
 * Everything around one command: how it talks, settings from files before its flags are read, the check of its values, and
 * the words of its mistakes. Owns this order; `main` owns the tree, each step has its own module.
 */
import type { Command, CommanderError } from 'commander';
import { type Applied, nameFiles } from './settings/applied.ts';
import type { Config } from './settings/config.ts';
import { configPlaces } from './settings/config-file.ts';
import { nearest } from './settings/nearest.ts';
import { mode, setColours, wantsColours } from './terminal/mode.ts';
import { isGroup } from './tree/everywhere.ts';
import { all, everyCommand, wordsOf } from './tree/flags.ts';

/** Commands that look at the config file themselves, or need none. */
const FREE_OF_CONFIG: readonly string[] = ['config', 'completion', '__complete'];

/** How errors before and during parsing are told; a config file may add to it later. */
export function readMode(argv: readonly string[]): void {
  const flags = beforeDashes(argv);
  mode.json = flags.includes('--json');
  mode.debug = flags.includes('--debug');
  const terminals = { stdout: process.stdout.isTTY === true, stderr: process.stderr.isTTY === true };
  setColours(wantsColours(flags.includes('--no-color'), process.env, terminals));
}

export type Run = {
  /** An error of the command, naming the file where a value came from one. */
  readonly explain: (error: unknown) => unknown;
  /** A mistake on the command line, with what was meant and where help is. */
  readonly misuse: (error: CommanderError) => Error;
};

/** Hooks settings and checks into the tree, for one command line. */
export function prepareRun(program: Command, argv: readonly string[]): Run {
  const applied: Applied[] = [];
  let config: Promise<Config> | null = null;
  let reached = program;
  const isHelp = beforeDashes(argv).some((word) => word === '--help' || word === '-h');
  for (const command of everyCommand(program)) {
    if (command.commands.length === 0) continue;
    command.hook('preSubcommand', async (_parent, child) => {
      reached = child;
      if (isHelp || FREE_OF_CONFIG.includes(wordsOf(child)[0] ?? '') || isGroup(child)) return;
      config ??= loadWhereThereIs(program, argv);
      const files = await config;
      if (files.length === 0) return;
      const { applyConfig } = await import('./settings/config.ts');
      applied.push(...applyConfig(files, child, process.env));
    });
  }
  program.hook('preAction', async (_program, command) => {
    adoptMode(command);
    const { checkCommand } = await import('./settings/check-command.ts');
    checkCommand(command, applied);
  });
  return {
    explain: (error) => explain(error, applied),
    misuse: (error) => misuse(error, reached),
  };
}

async function loadWhereThereIs(program: Command, argv: readonly string[]): Promise<Config> {
  const search = { named: namedConfig(argv), environment: process.env, folder: process.cwd() };
  const isAny = configPlaces(search).some(
    ({ scope, exists }) => exists || scope === '--config' || scope === 'SYNOD_CONFIG',
  );
  return isAny ? await (await import('./settings/config.ts')).loadConfig(program, search) : [];
}

/** The file that `--config` names, wherever it stands: it has to be known before flags are parsed. */
export function namedConfig(argv: readonly string[]): string | undefined {
  const flags = beforeDashes(argv);
  const at = flags.findIndex((word) => word === '--config' || word.startsWith('--config='));
  if (at === -1) return undefined;
  return flags[at]!.startsWith('--config=') ? flags[at]!.slice('--config='.length) : (flags[at + 1] ?? '');
}

/** What flags and files say about how to talk; files are known only now. */
function adoptMode(command: Command): void {
  const flags = all(command) as Record<string, unknown>;
  mode.json = mode.json || flags['json'] === true;
  mode.debug = mode.debug || flags['debug'] === true;
  mode.plain = flags['plain'] === true;
  mode.isAsking = flags['input'] !== false;
  if (flags['color'] === false) setColours(false);
}

function explain(error: unknown, applied: readonly Applied[]): unknown {
  if (error instanceof Error && applied.length > 0) error.message = nameFiles(error.message, applied);
  return error;
}

function misuse(error: CommanderError, reached: Command): Error {
  const [what = '', ...lines] = shortWords(error.message.replace(/^error: /, ''))
    .replace(/(?<=is invalid)\. /, '\n')
    .split('\n');
  const hint = suggestion(what, lines, reached);
  const help = `See:  ${['synod', ...wordsOf(reached)].join(' ')} --help`;
  const usage = new Error([what, ...hint, help].join('\n'));
  return Object.assign(usage, { name: 'SynodError', code: 'USAGE', facts: {} });
}

/** The message with what was typed cut where it is longer than anybody reads. */
function shortWords(message: string): string {
  return message.replaceAll(/'([^'\n]{64})[^'\n]+'/g, "'$1…'");
}

/** Commander is silent where no name is near, and about choices: what is known, or was meant, is told instead. */
function suggestion(what: string, lines: readonly string[], reached: Command): readonly string[] {
  const word = /^unknown command '(.*)'$/.exec(what)?.[1];
  if (word !== undefined && lines.length === 0) {
    const names = reached.commands.map((command) => command.name()).filter((name) => !name.startsWith('__'));
    const meant = nearest(word, names);
    return [meant === null ? `Known are: ${names.join(', ')}` : `(Did you mean ${meant}?)`];
  }
  const [, value, choices] =
    /'([^']*)' is invalid.*\n?Allowed choices are (.*)\.$/s.exec([what, ...lines].join('\n')) ?? [];
  const meant = value === undefined || choices === undefined ? null : nearest(value, choices.split(', '));
  return meant === null ? lines : [...lines, `(Did you mean ${meant}?)`];
}

function beforeDashes(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf('--');
  return end === -1 ? argv : argv.slice(0, end);
}
