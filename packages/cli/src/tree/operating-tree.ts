/** Commands of a node's operator on its machine: `doctor`, `service …`, `backup …`, `halt`. Owns their flags and help. */
import type { Command } from 'commander';
import { all, JSON_FLAG } from './flags.ts';

const HOME = ['--home <folder>', 'of the node'] as const;
const PASSWORD = ['--password-file <file>', 'holds the password of the backup; - for standard input'] as const;

export function addOperatingCommands(program: Command): void {
  program
    .command('doctor')
    .description(
      'Check a node and its machine: clock, ports, disk, keys, model, database, peers. Exits with 1 if something is wrong.',
    )
    .addHelpText(
      'before',
      'Examples:\n  synod doctor --home ./my-node\n  synod doctor --rpc http://127.0.0.1:9545 --json\n',
    )
    .option('--home <folder>', 'of the node; without it only what a running node tells is checked')
    .option('--rpc <url>', 'of the running node (default: as node.json says; also: SYNOD_RPC_URL)')
    .option(...JSON_FLAG)
    .action(async (_flags, command) => (await import('../commands/doctor.ts')).runDoctor(all(command)));
  addService(program);
  addBackup(program);
  program
    .command('halt')
    .description('Let a running node stop after a block, as for a change of version on the whole chain.')
    .addHelpText(
      'before',
      'Examples:\n  synod halt --home ./my-node --height 120000\n  synod halt --home ./my-node --height never\n',
    )
    .requiredOption(...HOME)
    .requiredOption('--height <height|never>', 'the last block of this version')
    .option(...JSON_FLAG)
    .action(async (_flags, command) => (await import('../commands/halt.ts')).runHalt(all(command)));
}

function addService(program: Command): void {
  const service = program
    .command('service')
    .description('Let systemd start a node with the machine, and again when it fails.')
    .addHelpText(
      'before',
      'Examples:\n  synod service install --home ./my-node --dry-run\n  synod service uninstall\n',
    );
  service
    .command('install')
    .description('Write the systemd unit of a node; what to type next is printed.')
    .addHelpText(
      'before',
      'Examples:\n  synod service install --home /var/lib/synod --dry-run\n  synod service install --home ./my-node --user\n',
    )
    .requiredOption(...HOME)
    .option('--name <name>', 'of the unit', 'synod')
    .option('--user', 'for the systemd of this user, not that of the machine')
    .option('--dry-run', 'print the unit and write nothing')
    .option(...JSON_FLAG)
    .action(async (_flags, command) => (await import('../commands/service.ts')).runServiceInstall(all(command)));
  service
    .command('uninstall')
    .description('Remove the unit that "service install" wrote; the node and its home stay.')
    .addHelpText('before', 'Examples:\n  synod service uninstall --dry-run\n  synod service uninstall --user\n')
    .option('--name <name>', 'of the unit', 'synod')
    .option('--user', 'that of this user')
    .option('--dry-run', 'say what would be removed')
    .option(...JSON_FLAG)
    .action(async (_flags, command) => (await import('../commands/service.ts')).runServiceUninstall(all(command)));
}

function addBackup(program: Command): void {
  const backup = program
    .command('backup')
    .description(
      "Carry a node's identity to safety: keys, settings, genesis, signing record. Blocks are not in it: they come from peers.",
    )
    .addHelpText(
      'before',
      'Examples:\n  synod backup create --home ./my-node --out my-node.backup\n  synod backup restore my-node.backup --home ./new\n',
    );
  backup
    .command('create')
    .description('Write everything but the chain into one file that its owner alone may read.')
    .addHelpText(
      'before',
      'Examples:\n  synod backup create --home ./my-node --out my-node.backup\n  synod backup create --home ./my-node --out my-node.backup --password-file password.txt\n',
    )
    .requiredOption(...HOME)
    .requiredOption('--out <file>', 'never overwritten')
    .option(...PASSWORD)
    .option(...JSON_FLAG)
    .action(async (_flags, command) => (await import('../commands/backup.ts')).runBackupCreate(all(command)));
  backup
    .command('restore <file>')
    .description(
      'Fill a home from a backup. A signing record that is there is raised, never lowered; spend keys that only the backup knows are revoked.',
    )
    .addHelpText(
      'before',
      'Examples:\n  synod backup restore my-node.backup --home ./new\n  synod backup restore my-node.backup --home ./new --password-file password.txt\n',
    )
    .requiredOption(...HOME)
    .option(...PASSWORD)
    .option('--yes', 'replace settings and keys that differ')
    .option('--keep-spend-keys', 'spend keys of the backup go on; without it they are revoked')
    .option(...JSON_FLAG)
    .action(async (file, _flags, command) =>
      (await import('../commands/backup.ts')).runBackupRestore(file, all(command)),
    );
}
