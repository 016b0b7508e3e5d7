/** Commands about what scoring and answering earn: `rewards` and `calibrate`. Owns their flags and help. */
import { type Command, InvalidArgumentError } from 'commander';
import { all, DATA_DIR, JSON_FLAG, RPC } from './flags.ts';

export function addRewardCommands(program: Command): void {
  program
    .command('rewards [epoch-or-account] [account]')
    .description('What an epoch paid to experts and scorers, and why an account got what it got.')
    .addHelpText('before', 'Examples:\n  synod rewards\n  synod rewards 12\n  synod rewards 12 val-1\n')
    .option(...RPC)
    .option(...DATA_DIR)
    .option(...JSON_FLAG)
    .action(async (epoch, account, _flags, command) =>
      (await import('../commands/rewards.ts')).runRewards(epoch, account, all(command)),
    );
  program
    .command('calibrate')
    .description('Ask questions whose answers you know, like any other, and open the answers when the scores stand.')
    .addHelpText(
      'before',
      'Examples:\n  synod calibrate --gold gold.jsonl\n  synod calibrate --gold bench/domains/geography/questions.jsonl --count 4 --per-epoch 2 --from alice\n',
    )
    .requiredOption('--gold <file>', 'JSON lines {"question": …, "gold": [every way to say the answer]}')
    .option('--per-epoch <n>', 'questions in one epoch', count, 2)
    .option('--count <n>', 'questions in all (default: as many as in one epoch)', count)
    .option('--from <account>', 'who asks and pays: best nobody known to be yours (default: alice on a devnet)')
    .option('--payer-key-file <file>', 'the same, a key made by "synod account new"')
    .option('--validator <name>', 'whose calibration it is: a devnet validator', 'val-0')
    .option('--key-file <file>', "the same, the operator's key")
    .option('--domain <name>', 'asks its experts, instead of those the router finds')
    .option(...RPC)
    .option(...DATA_DIR)
    .option(...JSON_FLAG)
    .action(async (_flags, command) => (await import('../commands/calibrate.ts')).runCalibrate(all(command)));
}

function count(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1 || value > 1_000)
    throw new InvalidArgumentError('Give a number from 1 to 1000.');
  return value;
}
