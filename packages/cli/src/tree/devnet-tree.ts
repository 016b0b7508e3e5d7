/** Commands that run processes: `devnet …` and `start`. Owns their flags and help. */
import { type Command, CommanderError } from 'commander';
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

const START_EXAMPLES = `Examples:
  synod start --home ~/.local/share/synod/devnet/local/val-0
  synod start --join http://127.0.0.1:9545 --checkpoint 1200@0x3f…
  synod start --home ./node --pay-from ./account.json
  synod start --home ./node --bootstrap /dns4/seed.example.org/tcp/9546/p2p/12D3KooW…
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

  addStartCommand(program);
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
    .option('--json', 'the verdict as one JSON object')
    .action(async (_flags, command) => (await import('../commands/devnet-chaos.ts')).runDevnetChaos(all(command)));
}

function addStartCommand(program: Command): void {
  const start = program
    .command('start')
    .description('Run one node in the foreground: that of a home folder, or a new one that joins a running chain.')
    .addHelpText('before', START_EXAMPLES)
    .option('--home <folder>', 'node.json, keys.json and genesis.json lie there')
    .option('--join <url>', 'RPC address of a running node: follow its chain without being a validator')
    .option(
      '--checkpoint <height@hash>',
      'a block you trust, as "synod status" prints it: with --join, or after a long absence',
    )
    .option('--trust-genesis', 'with --join: accept a checkpoint at height 0 also outside a devnet')
    .option('--data-dir <folder>', 'with --join: home of the new node; continued when it exists')
    .option('--expert <folder>', 'must be offered and hosted by this node; may be repeated', collect)
    .option('--rpc-port <port>', 'instead of the one in node.json (new node: 9645)')
    .option('--p2p-port <port>', 'with --join: port for peers (default: RPC port + 1)')
    .option('--listen <address>', 'multiaddr for peers, instead of the one in node.json')
    .option('--announce <addresses>', 'multiaddrs told to peers instead of what this machine sees of itself')
    .option('--bootstrap <addresses>', 'multiaddrs of nodes to begin with, separated by commas')
    .option('--persistent-peers <addresses>', 'multiaddrs of peers to stay connected with, e.g. your other validators')
    .option('--mdns <on|off>', 'look for peers on the LAN (default: on, off where it listens on loopback)')
    .option('--dht <on|off>', "take part in the network's table of peers (default: as --mdns)")
    .option('--nat <helpers>', 'upnp, autonat, relay, relay-server, separated by commas (default: none)')
    .option('--keep-blocks <count>', 'forget older blocks, at least 256 are kept (default: keep all)')
    .option(
      '--sync <blocks|snapshot|auto>',
      'with --join: blocks, or a snapshot if peers offer one (default auto: that)',
    )
    .option('--snapshot-interval <heights>', 'make a snapshot so often; 0 for none (default 1000, devnet 100)')
    .option('--pay-from <file>', 'key of an account that pays for holders of spend keys at /v1')
    .option('--pay-password-file <file>', 'with --pay-from: the password of an encrypted key')
    .option('--halt-height <height>', 'stop after this block is stored, as for a change of version')
    .option('--log-file <file>', 'log there instead of standard error; SIGHUP begins the file anew')
    .option('--log-max-mb <size>', 'with --log-file: begin a new file at this size (default 32)')
    .option('--log-keep <count>', 'with --log-file: older files to keep (default 4)')
    .option('--signer <url>', 'a "synod signer" that holds the keys, instead of the one in node.json')
    .option(
      '--doppelganger <off|heights>',
      'blocks to watch for another node with the same key before signing, where nothing proves a recent signature (default: 4)',
    )
    .option('--supervised', 'end when standard input closes')
    .option('--fault-port', 'used by "devnet chaos"; refused outside devnets')
    .option('--json', 'log as JSON also on a terminal')
    .action(async (_flags, command) => (await import('../commands/start.ts')).runStart(all(command)));
  start.options.find(({ long }) => long === '--fault-port')?.hideHelp();
}

/** Commander would only say that there are too many arguments. */
function unknownSubcommand(devnet: Command, word: string): CommanderError {
  const names = devnet.commands.map((command) => command.name());
  const meant = nearest(word, names);
  const hint = meant === null ? `Known are: ${names.join(', ')}` : `(Did you mean ${meant}?)`;
  return new CommanderError(EXIT.usage, 'commander.unknownCommand', `unknown command 'devnet ${word}'\n${hint}`);
}
