/** Commands that are a node: `start`, which runs one, and `sync`, which only brings it to the head. Owns their flags and help. */
import { type Command, Option } from 'commander';
import { ANY_EXPERT, all, collect } from './flags.ts';

const START_EXAMPLES = `Examples:
  synod start --home ~/.local/share/synod/devnet/local/val-0
  synod start --join http://127.0.0.1:9545 --checkpoint 1200@0x3f…
  synod start --home ./node --validator
  synod start --home ./node --pay-from ./account.json
  synod start --home ./node --bootstrap /dns4/seed.example.org/tcp/9546/p2p/12D3KooW…
`;

const SYNC_EXAMPLES = `Examples:
  synod sync --home ./my-node --checkpoint http://127.0.0.1:9545@0x3f…
  synod sync --home ./my-node --join http://127.0.0.1:9545 --checkpoint 1200@0x3f…
  synod sync --home ./my-node --join http://127.0.0.1:9545 --checkpoint ./snapshots/1000@0x3f…
  synod sync --home ./my-node --json
`;

export function addNodeRunCommands(program: Command): void {
  addStart(program);
  addSync(program);
}

function addStart(program: Command): void {
  const start = program
    .command('start')
    .description('Run one node in the foreground: that of a home folder, or a new one that joins a running chain.')
    .addHelpText('before', START_EXAMPLES)
    .option('--home <folder>', 'node.json, keys.json and genesis.json lie there')
    .option('--join <url>', 'RPC address of a running node: follow its chain without being a validator')
    .option(
      '--checkpoint <block@hash>',
      'a block you trust: HEIGHT@HASH as "synod checkpoint" prints it, URL@HASH or FILE@HASH; for a new node, or after a long absence',
    )
    .option('--trust-genesis', 'with --join: accept a checkpoint at height 0 also outside a devnet')
    .option('--data-dir <folder>', 'with --join: home of the new node; continued when it exists')
    .option('--validator', "do not start unless this home can sign, with a validator's keys of its own or a --signer")
    .addOption(
      new Option('--expert [folder]', 'do not start unless this node hosts an expert, or that one; may be repeated')
        .preset(ANY_EXPERT)
        .argParser(collect),
    )
    .option('--rpc-port <port>', 'instead of the one in node.json (new node: 9645)');
  addNetworkFlags(start)
    .option('--snapshot-interval <heights>', 'make a snapshot so often; 0 for none (default 1000, devnet 100)')
    .option('--pay-from <file>', 'key of an account that pays for holders of spend keys at /v1')
    .option('--pay-password-file <file>', 'with --pay-from: the password of an encrypted key')
    .option('--halt-height <height>', 'stop after this block is stored, as for a change of version')
    .option('--signer <url>', 'a "synod signer" that holds the keys, instead of the one in node.json')
    .option(
      '--doppelganger <off|heights>',
      'blocks to watch for another node with the same key before signing, where nothing proves a recent signature (default: 4)',
    )
    .option('--supervised', 'end when standard input closes')
    .option('--fault-port [address]', 'used by "devnet chaos"; refused outside devnets')
    .option('--json', 'log as JSON also on a terminal')
    .action(async (_flags, command) => (await import('../commands/start.ts')).runStart(all(command)));
  start.options.find(({ long }) => long === '--fault-port')?.hideHelp();
}

function addSync(program: Command): void {
  const sync = program
    .command('sync')
    .description('Bring a home, new or long absent, up to the head of its network, and stop. Nothing is ever signed.')
    .addHelpText('before', SYNC_EXAMPLES)
    .option('--home <folder>', 'of the node; made when it does not exist (default: a folder named after the chain)')
    .option(
      '--checkpoint <block@hash>',
      'a block you trust: HEIGHT@HASH as "synod checkpoint" prints it, URL@HASH, or FILE@HASH with a snapshot',
    )
    .option('--join <url>', 'RPC address of a running node, for a new home where the checkpoint names none')
    .option('--trust-genesis', 'accept a checkpoint at height 0 also outside a devnet')
    .option('--timeout <duration>', 'longest wait for a node to answer, and for a block to come', '1m')
    .option('--rpc-port <port>', 'of a new home, for when it is started (default 9645)');
  addNetworkFlags(sync)
    .option('--json', 'one JSON object a line while it goes on, the last one when it is there')
    .action(async (_flags, command) => (await import('../commands/sync.ts')).runSync(all(command)));
}

/** How a node finds its network, comes to its chain, and logs. */
function addNetworkFlags(command: Command): Command {
  return command
    .option('--p2p-port <port>', 'of a new home: port for peers (default: RPC port + 1)')
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
      'of an empty home with a checkpoint: all blocks, or a snapshot if peers offer one (default auto: that)',
    )
    .option('--log-file <file>', 'log there instead of standard error; SIGHUP begins the file anew')
    .option('--log-max-mb <size>', 'with --log-file: begin a new file at this size (default 32)')
    .option('--log-keep <count>', 'with --log-file: older files to keep (default 4)');
}
