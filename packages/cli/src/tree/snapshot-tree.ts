/** Commands for snapshots of a stopped node: `snapshot …`. Owns their flags and help. */
import type { Command } from 'commander';
import { all, JSON_FLAG } from './flags.ts';

const EXAMPLES = `Examples:
  synod snapshot create --home ~/.local/share/synod/devnet/local/val-0
  synod snapshot verify ./snapshots/1000 --home ./my-node
  synod snapshot restore ./snapshots/1000 --home ./new-node --checkpoint 1200@0x3f…
`;

export function addSnapshotCommands(program: Command): void {
  const snapshot = program
    .command('snapshot')
    .description('Make, look at, check or restore snapshots of the state of a node that is stopped.')
    .addHelpText('before', EXAMPLES);
  const load = () => import('../commands/snapshot.ts');
  snapshot
    .command('create')
    .description('Write the newest state into a folder of its own.')
    .addHelpText(
      'before',
      'Examples:\n  synod snapshot create --home ./my-node\n  synod snapshot create --home ./my-node --out ./snapshots\n',
    )
    .requiredOption('--home <folder>', 'of the node')
    .option('--out <folder>', 'where to put it (default: "snapshots" in the home, where it is served)')
    .option(...JSON_FLAG)
    .action(async (_flags, command) => (await load()).runSnapshotCreate(all(command)));
  snapshot
    .command('list')
    .description('The snapshots that a node keeps and serves.')
    .addHelpText('before', 'Examples:\n  synod snapshot list --home ./my-node\n')
    .requiredOption('--home <folder>', 'of the node')
    .option(...JSON_FLAG)
    .action(async (_flags, command) => (await load()).runSnapshotList(all(command)));
  snapshot
    .command('verify <folder>')
    .description('Check every record, the certificate and the state root of a snapshot.')
    .addHelpText('before', 'Examples:\n  synod snapshot verify ./snapshots/1000 --home ./my-node\n')
    .requiredOption('--home <folder>', 'of a node of the same chain: its genesis.json is read')
    .option(...JSON_FLAG)
    .action(async (folder, _flags, command) => (await load()).runSnapshotVerify(folder, all(command)));
  snapshot
    .command('restore <folder>')
    .description('Fill an empty home from a snapshot.')
    .addHelpText(
      'before',
      'Examples:\n  synod snapshot restore ./snapshots/1000 --home ./new-node --checkpoint 1200@0x3f…\n',
    )
    .requiredOption('--home <folder>', 'of the node; holds genesis.json and no chain yet')
    .option('--checkpoint <height@hash>', 'its block or the one above, from a node you trust')
    .option('--state-root <hash>', 'or the root of its state, from a source you trust')
    .option(...JSON_FLAG)
    .action(async (folder, _flags, command) => (await load()).runSnapshotRestore(folder, all(command)));
}
