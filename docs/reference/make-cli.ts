/**
 * Writes docs/reference/cli.md from the tree of commands. Owns the page's form; packages/cli/test/docs/commands.test.ts fails when the page is old.
 * Run: node bootstrap.mjs run docs/reference/make-cli.ts
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createProgram } from '../../packages/cli/src/command-line.ts';
import { isHidden } from '../../packages/cli/src/settings/config-keys.ts';
import { isGroup, ownOptions } from '../../packages/cli/src/tree/everywhere.ts';
import { everyCommand, wordsOf } from '../../packages/cli/src/tree/flags.ts';

type Command = ReturnType<typeof createProgram>;
type Option = Command['options'][number];

export const REFERENCE_FILE: string = join(import.meta.dirname, 'cli.md');

const HEAD = `# Commands

Made from the command tree by \`docs/reference/make-cli.ts\`; a test fails when it is old. \`synod COMMAND --help\` shows the same.
Settings from files, exit codes and the rules of output stand in [docs/spec/cli.md](../spec/cli.md).
`;

/** The page as it should be. */
export function cliReference(): string {
  const program = createProgram();
  const commands = everyCommand(program).filter((command) => command.parent !== null && !isHidden(command));
  const leaves = commands.filter((command) => !isGroup(command));
  const index = leaves.map((command) => `- [\`${nameOf(command)}\`](#${anchorOf(command)}) ${command.description()}`);
  const everywhere = program.options.filter((option) => !ownOptions(program).includes(option));
  const common = `## Flags of every command\n\n${flagTable(everywhere)}`;
  return `${[HEAD.trim(), index.join('\n'), common, ...leaves.map(section)].join('\n\n')}\n`;
}

function section(command: Command): string {
  const args = command.registeredArguments.filter(({ description }) => description !== '');
  const flags = ownOptions(command).filter(({ hidden }) => !hidden);
  return [
    `## ${nameOf(command)}`,
    command.description(),
    `    ${nameOf(command)} ${command.usage()}`.trimEnd(),
    `Examples:\n\n\`\`\`sh\n${examplesOf(command).join('\n')}\n\`\`\``,
    ...(args.length === 0
      ? []
      : [args.map((argument) => `- \`${argument.name()}\`: ${cell(argument.description)}`).join('\n')]),
    ...(flags.length === 0 ? [] : [flagTable(flags)]),
  ].join('\n\n');
}

function flagTable(options: readonly Option[]): string {
  const rows = options.map((option) => {
    const notes = [option.description, ...(option.mandatory ? ['(required)'] : []), ...defaultOf(option)];
    return `| \`${cell(option.flags)}\` | ${cell(notes.join(' '))} |`;
  });
  return ['| flag | what it does |', '|---|---|', ...rows].join('\n');
}

function defaultOf({ defaultValue, negate }: Option): string[] {
  const isTold = defaultValue !== undefined && !negate && defaultValue !== false;
  return isTold ? [`(default: ${String(defaultValue)})`] : [];
}

function examplesOf(command: Command): readonly string[] {
  let help = '';
  command.configureOutput({
    writeOut: (text) => {
      help += text;
    },
  });
  command.outputHelp();
  const [, block = ''] = /^\s*Examples:\n((?: {2}.*\n)+)/.exec(help) ?? [];
  const lines = block
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const own = lines.filter((line) => `${line} `.includes(`${nameOf(command)} `));
  return own.map((line) => line.replace(/(?<=\S) {2,}(?=[a-z])/, '   # '));
}

function nameOf(command: Command): string {
  return ['synod', ...wordsOf(command)].join(' ');
}

function anchorOf(command: Command): string {
  return nameOf(command).replaceAll(' ', '-');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ');
}

if (import.meta.main) writeFileSync(REFERENCE_FILE, cliReference());
