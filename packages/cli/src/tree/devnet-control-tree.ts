/** Commands that control a running devnet, `devnet pause …` to `devnet reset`, and `faucet`. Owns their flags and help. */
import type { Command } from 'commander';
import { all } from './devnet-tree.ts';

type Spec = {
  readonly usage: string;
  readonly description: string;
  readonly examples: readonly string[];
  readonly options?: readonly (readonly [flags: string, description: string])[];
  /** Gets the command's arguments and its flags last. */
  // biome-ignore lint/suspicious/noExplicitAny: commander gives arguments as it finds them; every command's module types its own.
  readonly run: (...given: any[]) => Promise<void>;
};

const nodes = () => import('../commands/devnet-nodes.ts');
const blocks = () => import('../commands/devnet-blocks.ts');
const states = () => import('../commands/devnet-states.ts');

export function addNodeCommands(devnet: Command): void {
  add(devnet, [
    {
      usage: 'start <node>',
      description: 'Start a node again that has ended or was killed, e.g. val-2.',
      examples: ['synod devnet start val-2'],
      run: async (node, flags) => (await nodes()).runDevnetStart(node, flags),
    },
    {
      usage: 'pause <node>',
      description: "Stop a node's process where it stands: it is there and does nothing.",
      examples: ['synod devnet pause val-3', 'synod devnet pause val-3 --json'],
      run: async (node, flags) => (await nodes()).runDevnetPause(node, flags),
    },
    {
      usage: 'resume <node>',
      description: 'Let a paused node go on.',
      examples: ['synod devnet resume val-3'],
      run: async (node, flags) => (await nodes()).runDevnetResume(node, flags),
    },
    {
      usage: 'kill <node>',
      description: 'Kill a node without warning, as a power loss would.',
      examples: ['synod devnet kill val-1'],
      run: async (node, flags) => (await nodes()).runDevnetKill(node, flags),
    },
    {
      usage: 'partition <groups...>',
      description: 'Cut the network between groups of nodes; those not named are a group of their own.',
      examples: ['synod devnet partition val-0,val-1', 'synod devnet partition val-0 val-1,val-2'],
      run: async (groups, flags) => (await nodes()).runDevnetPartition(groups, flags),
    },
    {
      usage: 'heal',
      description: 'End every cut, latency and fault.',
      examples: ['synod devnet heal'],
      run: async (flags) => (await nodes()).runDevnetHeal(flags),
    },
    {
      usage: 'latency <node> <duration>',
      description: 'Delay everything that a node sends to its peers; all for every node, 0 ends it.',
      examples: ['synod devnet latency val-2 300ms', 'synod devnet latency all 0'],
      run: async (node, text, flags) => (await nodes()).runDevnetLatency(node, text, flags),
    },
    {
      usage: 'fault <target> <fault>',
      description: 'Let an expert, or all of a node, lie, be slow or drop questions; none ends it.',
      examples: [
        'synod devnet fault general-a lie',
        'synod devnet fault val-2 slow --delay 3s',
        'synod devnet fault all none',
      ],
      options: [['--delay <duration>', 'how late a slow expert begins (default 10s)']],
      run: async (target, fault, flags) => (await nodes()).runDevnetFault(target, fault, flags),
    },
  ]);
}

export function addBlockCommands(devnet: Command): void {
  add(devnet, [
    {
      usage: 'mine [blocks]',
      description: 'Make blocks at once, one unless told otherwise, and wait for them on every node.',
      examples: ['synod devnet mine', 'synod devnet mine 20'],
      run: async (count, flags) => (await blocks()).runDevnetMine(count, flags),
    },
    {
      usage: 'block-time <value>',
      description: 'Pace blocks otherwise until the devnet ends: 1s, auto or manual.',
      examples: ['synod devnet block-time manual', 'synod devnet block-time 200ms'],
      run: async (text, flags) => (await blocks()).runDevnetBlockTime(text, flags),
    },
    {
      usage: 'advance-epoch',
      description: 'Make the blocks up to the end of the epoch, which pays what it earned.',
      examples: ['synod devnet advance-epoch'],
      run: async (flags) => (await blocks()).runDevnetAdvanceEpoch(flags),
    },
    {
      usage: 'advance-time <duration>',
      description: 'Turn the clocks of all nodes ahead together and make a block of that time.',
      examples: ['synod devnet advance-time 1h'],
      run: async (text, flags) => (await blocks()).runDevnetAdvanceTime(text, flags),
    },
  ]);
}

export function addStateCommands(devnet: Command): void {
  add(devnet, [
    {
      usage: 'snapshot <name>',
      description: 'Keep the state of the whole devnet under a name.',
      examples: ['synod devnet snapshot before-the-attack'],
      run: async (name, flags) => (await states()).runDevnetSnapshot(name, flags),
    },
    {
      usage: 'restore <name>',
      description: 'Go back to a snapshot; the chain goes on from there.',
      examples: ['synod devnet restore before-the-attack'],
      run: async (name, flags) => (await states()).runDevnetRestore(name, flags),
    },
    {
      usage: 'snapshots',
      description: 'The snapshots there are.',
      examples: ['synod devnet snapshots', 'synod devnet snapshots --json'],
      run: async (flags) => (await states()).runDevnetSnapshots(flags),
    },
    {
      usage: 'dump <file>',
      description: 'Write the state of the whole devnet to one file, for another machine.',
      examples: ['synod devnet dump state.synod'],
      run: async (file, flags) => (await states()).runDevnetDump(file, flags),
    },
    {
      usage: 'load <file>',
      description: 'Go on from a file that "devnet dump" wrote on this chain.',
      examples: ['synod devnet load state.synod'],
      run: async (file, flags) => (await states()).runDevnetLoad(file, flags),
    },
    {
      usage: 'reset',
      description: 'Delete the chain of a stopped devnet, its snapshots included.',
      examples: ['synod devnet reset', 'synod devnet reset --data-dir ./net'],
      run: async (flags) => (await states()).runDevnetReset(flags),
    },
  ]);
}

export function addFaucetCommand(program: Command): void {
  add(program, [
    {
      usage: 'faucet <address> [amount]',
      description: 'Money on a devnet: 100 SYN unless told otherwise.',
      examples: ['synod faucet alice', 'synod faucet bob 2500'],
      options: [['--rpc <url>', 'node to ask (also: SYNOD_RPC_URL)']],
      run: async (to, amount, flags) => (await import('../commands/faucet.ts')).runFaucet(to, amount, flags),
    },
  ]);
}

function add(parent: Command, specs: readonly Spec[]): void {
  for (const { usage, description, examples, options = [], run } of specs) {
    const command = parent.command(usage).description(description);
    command.addHelpText('before', `Examples:\n${examples.map((line) => `  ${line}\n`).join('')}`);
    for (const [flags, words] of options) command.option(flags, words);
    command.option('--data-dir <folder>', 'of the devnet').option('--json', 'one JSON object');
    // Commander gives the arguments, then the flags of this command alone, then the command.
    command.action((...given: unknown[]) => run(...given.slice(0, -2), all(given.at(-1) as Command)));
  }
}
