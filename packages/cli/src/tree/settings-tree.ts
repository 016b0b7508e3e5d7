/** Commands about the command line itself: `config …` and `completion`. Owns their flags and help. */
import { Argument, type Command } from 'commander';
import { all, JSON_FLAG } from './flags.ts';

const CONFIG_EXAMPLES = `Examples:
  synod config show
  synod config show devnet --origin
  synod config path
`;

const CONFIG_HELP = `
A file synod.toml sets flags by their names: those of a command in its table ([ask], [devnet.chaos]), and rpc, data-dir,
port-base, model, json, plain, color, input and debug also at the top, for every command. Order: flag, environment,
./synod.toml, the user's file, the system's file, default. Secrets stand in files of their own.
`;

export function addSettingsCommands(program: Command): void {
  const config = program
    .command('config')
    .description('Settings from files, and where each value comes from.')
    .addHelpText('before', CONFIG_EXAMPLES)
    .addHelpText('after', CONFIG_HELP);
  config
    .command('show')
    .description('Settings in force: of one command with its flags, or all that files and the environment set.')
    .argument('[command...]', 'command, and flags to try with it')
    .addHelpText(
      'before',
      'Examples:\n  synod config show\n  synod config show ask --origin\n  synod config show devnet --validators 5 --origin --json\n',
    )
    .option('--origin', 'also where each value comes from')
    .option(...JSON_FLAG)
    .allowUnknownOption()
    .action(async (words: string[], _flags, command: Command) =>
      (await import('../commands/config-show.ts')).runConfigShow(words, all(command), root(command)),
    );
  config
    .command('path')
    .description('The files that are read, the strongest first.')
    .addHelpText('before', 'Examples:\n  synod config path\n  synod config path --json\n')
    .option(...JSON_FLAG)
    .action(async (_flags, command: Command) =>
      (await import('../commands/config-show.ts')).runConfigPath(all(command)),
    );
  addCompletionCommands(program);
}

const COMPLETION_EXAMPLES = `Examples:
  synod completion bash > ~/.local/share/bash-completion/completions/synod
  synod completion zsh > ~/.zfunc/_synod
  synod completion fish > ~/.config/fish/completions/synod.fish
`;

function addCompletionCommands(program: Command): void {
  program
    .command('completion')
    .description(
      'A script that lets a shell complete commands, flags and names; load it with: source <(synod completion bash)',
    )
    .addArgument(new Argument('<shell>', 'bash, zsh or fish').choices(['bash', 'zsh', 'fish']))
    .addHelpText('before', COMPLETION_EXAMPLES)
    .action(async (shell: string, _flags, command: Command) =>
      (await import('../commands/completion.ts')).runCompletion(shell, root(command)),
    );
  program
    .command('__complete <kind>', { hidden: true })
    .description('Names that a shell offers; asked by the scripts of "synod completion".')
    .addHelpText('before', 'Examples:\n  synod __complete nodes\n')
    .action(async (kind: string) => (await import('../commands/completion.ts')).runComplete(kind));
}

function root(command: Command): Command {
  return command.parent === null ? command : root(command.parent);
}
