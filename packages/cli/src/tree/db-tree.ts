/** Commands for the database of a stopped node: `db …`. Owns their flags and help. */
import type { Command } from 'commander';
import { all } from './devnet-tree.ts';

export function addDbCommands(program: Command): void {
  const db = program.command('db').description('Look into, compact or check the database of a node that is stopped.');
  const commands = [
    ['stats', 'Records and sizes of each kind.', 'runDbStats'],
    ['compact', 'Rewrite the files without what was deleted.', 'runDbCompact'],
    ['verify', 'Check every block hash, certificate and state root by executing the chain again.', 'runDbVerify'],
  ] as const;
  for (const [name, description, run] of commands) {
    db.command(name)
      .description(description)
      .requiredOption('--home <folder>', 'of the node')
      .option('--json', 'one JSON object')
      .action(async (_flags, command) => (await import('../commands/db.ts'))[run](all(command)));
  }
}
