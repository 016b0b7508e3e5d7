/** Commands that run processes: `devnet …` and `start`. Owns their flags and help. */
import { type Command, CommanderError, Option } from 'commander';
import { nearest } from '../settings/nearest.ts';
import { EXIT } from '../terminal/exit-codes.ts';
import { addBlockCommands, addFaucetCommand, addNodeCommands, addStateCommands } from './devnet-control-tree.ts';
import { all, collect, JSON_FLAG } from './flags.ts';

// Trees of other commands take it from here.
export { all } from './flags.ts';

const DEVNET_EXAMPLES = `Examples:
  synod devnet                                  default model, four validators, ports from 9545
  synod devnet --model tiny --block-time 200ms  no download, for tests
  synod devnet --experts general,geography      experts of these domains alone
  synod devnet --knowledge geography=./mine     a folder that "synod expert build" made
  synod devnet --block-time manual --seed 7     no block unless asked: the same commands, the same chain
  synod devnet --set staking.epochHeights=20    other rules of the game
  synod devnet --detach --json                  in the background; one JSON object when ready
  synod devnet --reset --seed 7                 begin anew, with other keys
`;

export function addDevnetCommands(program: Command): void {
  const devnet = program
    .command('devnet')
    .description('Start a network of validators on this machine, each an operating-system process with experts.')
    .addHelpText('before', DEVNET_EXAMPLES)
    .argument('[command]')
    .usage('[options] [command]')
    .option('--validators <count>', 'number of validators (default 4)')
    .option('--seed <text>', 'all keys and the chain follow from it (default 42)')
    .option('--data-dir <folder>', 'where everything is kept (also: SYNOD_DATA_DIR)')
    .option('--port-base <port>', 'node i serves on port-base + 10·i (default 9545; also: SYNOD_PORT_BASE)')
    .option(
      '--block-time <duration|auto|manual>',
      'time between blocks (default 500ms), auto: only when needed, or manual',
    )
    .option('--epoch-blocks <count>', 'blocks of an epoch (default 60)')
    .option('--set <name=value>', "a parameter of the new chain's genesis, see params show; may be repeated", collect)
    .option('--accounts <count>', 'accounts with 10,000 SYN each, 1 to 20 (default 3)')
    .option('--state <file>', 'begin with what "devnet dump" wrote; the data directory must be new')
    .option('--host <address>', 'where the nodes serve RPC (default 127.0.0.1)')
    .option('--verified <percent>', 'chance that a written answer is run again by others (default 10)')
    .option('--model <name>', 'default, tiny, a folder, a hub id, http://HOST/v1#NAME, or none: no experts')
    .option('--experts <domains>', 'all, general, or domains separated by commas (default: all; tiny: general)')
    .option('--knowledge <domain=folder>', 'instead of the shipped knowledge; may be repeated', collect)
    .option('--timeout <duration>', 'longest wait until ready (default 120s)')
    .option('--reset', 'delete the chain in the data directory first')
    .option('--detach', 'return when ready and leave it running')
    .option('--detached', 'used by --detach itself')
    .option('--quiet', 'only say that it is ready, and what goes wrong')
    .option('--json', 'one JSON object on stdout when ready')
    .action(async (word: string | undefined, _flags, command: Command) => {
      if (word !== undefined) throw unknownSubcommand(command, word);
      await (await import('../commands/devnet.ts')).runDevnet(all(command));
    });
  devnet.options.find(({ long }) => long === '--detached')?.hideHelp();

  devnet
    .command('status')
    .description('Every node of a running devnet at a glance.')
    .addHelpText('before', 'Examples:\n  synod devnet status\n  synod devnet status --data-dir ./net --json\n')
    .option('--data-dir <folder>', 'of the devnet (also: SYNOD_DATA_DIR)')
    .option(...JSON_FLAG)
    .action(async (_flags, command) => (await import('../commands/devnet-status.ts')).runDevnetStatus(all(command)));
  devnet
    .command('stop')
    .description('Stop a running devnet; everything is kept.')
    .addHelpText('before', 'Examples:\n  synod devnet stop\n  synod devnet stop --data-dir ./net\n')
    .option('--data-dir <folder>', 'of the devnet (also: SYNOD_DATA_DIR)')
    .option(...JSON_FLAG)
    .action(async (_flags, command) => (await import('../commands/devnet-stop.ts')).runDevnetStop(all(command)));
  devnet
    .command('logs [node]')
    .description('The logs of one node, or of all.')
    .addHelpText('before', 'Examples:\n  synod devnet logs val-0\n  synod devnet logs --follow --lines 10\n')
    .option('-f, --follow', 'go on until Ctrl-C')
    .option('-n, --lines <count>', 'how many of the last lines', '50')
    .option('--data-dir <folder>', 'of the devnet (also: SYNOD_DATA_DIR)')
    .option('--json', 'lines as they were written')
    .action(async (node, _flags, command) =>
      (await import('../commands/devnet-logs.ts')).runDevnetLogs(node, all(command)),
    );
  addNodeCommands(devnet);
  addBlockCommands(devnet);
  addStateCommands(devnet);
  addChaosCommand(devnet);
  addFaucetCommand(program);
}

function addChaosCommand(devnet: Command): void {
  devnet
    .command('chaos')
    .description(
      'Break a devnet of its own in every way, under load, and check that nothing was lost. Ends with a verdict.',
    )
    .addHelpText(
      'before',
      'Examples:\n  synod devnet chaos --minutes 10 --seed 7\n  synod devnet chaos --minutes 0.5 --json\n',
    )
    .option('--minutes <minutes>', 'how long faults are inflicted', '10')
    .option('--seed <text>', 'keys, workload and schedule of faults follow from it (default 42)')
    .option('--validators <count>', 'number of validators, at least 4 (default 4)')
    .option('--block-time <duration>', 'time between blocks (default 500ms)')
    .option('--port-base <port>', 'node i serves on port-base + 10·i (default 12545)')
    .option('--data-dir <folder>', 'empty or new; kept (default: a temporary one, kept on failure)')
    .option(
      '--network <namespaces|loopback|auto>',
      'how nodes are cut apart; auto: namespaces where the system allows them (default: auto)',
    )
    .addOption(new Option('--inside-namespaces', 'used by this command itself').hideHelp())
    .option('--json', 'the verdict as one JSON object')
    .action(async (_flags, command) => (await import('../commands/devnet-chaos.ts')).runDevnetChaos(all(command)));
}

/** Commander would only say that there are too many arguments. */
function unknownSubcommand(devnet: Command, word: string): CommanderError {
  const names = devnet.commands.map((command) => command.name());
  const meant = nearest(word, names);
  const hint = meant === null ? `Known are: ${names.join(', ')}` : `(Did you mean ${meant}?)`;
  return new CommanderError(EXIT.usage, 'commander.unknownCommand', `unknown command 'devnet ${word}'\n${hint}`);
}
