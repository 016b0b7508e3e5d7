/** Commands for the database of a stopped node: `db …`. Owns their flags and help. */
import type { Command } from 'commander';
import { all, JSON_FLAG } from './flags.ts';

export function addDbCommands(program: Command): void {
  const db = program
    .command('db')
    .description('Look into, compact or check the database of a node that is stopped.')
    .addHelpText('before', 'Examples:\n  synod db stats --home ./my-node\n  synod db verify --home ./my-node\n');
  const commands = [
    ['stats', 'Records and sizes of each kind.', 'runDbStats'],
    ['compact', 'Rewrite the files without what was deleted.', 'runDbCompact'],
    ['verify', 'Check every block hash, certificate and state root by executing the chain again.', 'runDbVerify'],
  ] as const;
  for (const [name, description, run] of commands) {
    db.command(name)
      .description(description)
      .addHelpText(
        'before',
        `Examples:\n  synod db ${name} --home ./my-node\n  synod db ${name} --home ./my-node --json\n`,
      )
      .requiredOption('--home <folder>', 'of the node')
      .option(...JSON_FLAG)
      .action(async (_flags, command) => (await import('../commands/db.ts'))[run](all(command)));
  }
}
