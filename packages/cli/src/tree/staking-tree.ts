/** Commands of operators and delegators: `validator …`, `stake …`. Owns their flags and help. */
import type { Command } from 'commander';
import { all, DATA_DIR, JSON_FLAG, KEY_FILE, RPC } from './flags.ts';

const FROM = ['--from <name>', 'who signs: a devnet account or validator, e.g. alice or val-2'] as const;
const SIGNER = ['--signer <url>', 'a "synod signer" that holds the keys, instead of the one in node.json'] as const;

export function addStakingCommands(program: Command): void {
  addValidatorCommands(program);
  addStakeCommands(program);
}

function addValidatorCommands(program: Command): void {
  const validator = program
    .command('validator')
    .description('Validators: how they stand, and what their operators do.')
    .addHelpText(
      'before',
      'Examples:\n  synod validator list\n  synod validator status val-2\n  synod validator unjail val-2\n',
    );
  validator
    .command('list')
    .description('Every validator with its state, power and stake.')
    .addHelpText('before', 'Examples:\n  synod validator list\n  synod validator list --json\n')
    .option(...RPC)
    .option(...DATA_DIR)
    .option(...JSON_FLAG)
    .action(async (_flags, command) => (await import('../commands/validator.ts')).runValidatorList(all(command)));
  validator
    .command('status [validator]')
    .description('How a validator stands: state, why, until when, and what to run next (default: that of the node).')
    .addHelpText('before', 'Examples:\n  synod validator status val-2\n  synod validator status syn1… --json\n')
    .option(...RPC)
    .option(...DATA_DIR)
    .option(...JSON_FLAG)
    .action(async (name, _flags, command) =>
      (await import('../commands/validator.ts')).runValidatorStatus(name, all(command)),
    );
  validator
    .command('create')
    .description('Make the node of a home folder a validator, with stake of its own.')
    .addHelpText(
      'before',
      'Examples:\n  synod validator create --home ./my-node --bond 100 --from alice\n  synod validator create --home ./my-node --bond 100 --commission 5% --key-file my-key.json\n',
    )
    .requiredOption('--home <folder>', 'of the node that will sign; keys are made there if it has none')
    .requiredOption('--bond <amount>', 'stake of its own, in SYN')
    .option('--commission <part>', 'part of the rewards kept before they are shared, e.g. 5%', '5%')
    .option(...SIGNER)
    .option(...RPC)
    .option(...FROM)
    .option(...KEY_FILE)
    .option(...DATA_DIR)
    .option(...JSON_FLAG)
    .action(async (_flags, command) =>
      (await import('../commands/validator-create.ts')).runValidatorCreate(all(command)),
    );
  addRotateCommand(validator);
  addEarningsCommands(validator);
  const operatorCommands = [
    ['edit', 'Change the commission: once an epoch, in small steps.', 'runValidatorEdit'],
    ['unjail', 'Release a validator from jail; it enters the set again at the end of the epoch.', 'runValidatorUnjail'],
    ['exit', 'Leave for good; the stake of its own comes back after the unbonding time.', 'runValidatorExit'],
  ] as const;
  for (const [name, description, run] of operatorCommands) {
    const extra = { edit: ' --commission 6%', unjail: '', exit: ' --yes' }[name];
    const command = validator
      .command(`${name} [validator]`)
      .description(description)
      .addHelpText(
        'before',
        `Examples:\n  synod validator ${name} val-2${extra}\n  synod validator ${name}${extra} --key-file my-key.json\n`,
      )
      .option(...RPC)
      .option(...FROM)
      .option(...KEY_FILE)
      .option(...DATA_DIR)
      .option(...JSON_FLAG)
      .action(async (operator, _flags, self) => (await import('../commands/validator.ts'))[run](operator, all(self)));
    if (name === 'edit') command.requiredOption('--commission <part>', 'the new commission, e.g. 5%');
    if (name === 'exit') command.option('--yes', 'it is meant');
  }
}

function addRotateCommand(validator: Command): void {
  validator
    .command('rotate')
    .description('Give a validator new keys; its node goes over to them by itself when they act.')
    .addHelpText(
      'before',
      'Examples:\n  synod validator rotate --home ./my-node --from alice\n  synod validator rotate --home ./my-node --key-file my-key.json\n',
    )
    .requiredOption(
      '--home <folder>',
      'of the node that signs; new keys are kept there, or by its signer, beside the old ones',
    )
    .option(...SIGNER)
    .option(...RPC)
    .option(...FROM)
    .option(...KEY_FILE)
    .option(...DATA_DIR)
    .option(...JSON_FLAG)
    .action(async (_flags, command) =>
      (await import('../commands/validator-rotate.ts')).runValidatorRotate(all(command)),
    );
}

function addEarningsCommands(validator: Command): void {
  const commands = [
    ['rewards', 'What a validator was paid by epoch, and how it came about.', 'runValidatorRewards'],
    ['withdraw', 'Where its earnings are and how to get at them: the chain pays by itself.', 'runValidatorWithdraw'],
  ] as const;
  for (const [name, description, run] of commands) {
    validator
      .command(`${name} [validator]`)
      .description(description)
      .addHelpText('before', `Examples:\n  synod validator ${name} val-2\n  synod validator ${name} --json\n`)
      .option(...RPC)
      .option(...DATA_DIR)
      .option(...JSON_FLAG)
      .action(async (operator, _flags, command) =>
        (await import('../commands/validator-earnings.ts'))[run](operator, all(command)),
      );
  }
}

function addStakeCommands(program: Command): void {
  const examples =
    'Examples:\n  synod stake delegate val-1 --amount 25 --from alice\n  synod stake show alice\n  synod stake undelegate val-1 --amount all --from alice\n';
  const stake = program
    .command('stake')
    .description('Stake with validators: put in, take out, move, look.')
    .addHelpText('before', examples);
  const commands = [
    ['delegate <validator>', 'Stake with a validator.', 'in SYN'],
    ['undelegate <validator>', 'Take stake out; it is paid after the unbonding time.', 'in SYN, or all'],
    ['redelegate <validator> <to>', 'Move stake from one validator to another at once.', 'in SYN, or all'],
  ] as const;
  for (const [usage, description, amounts] of commands) {
    const name = usage.split(' ')[0];
    const example = name === 'redelegate' ? 'val-1 val-2' : 'val-1';
    stake
      .command(usage)
      .description(description)
      .addHelpText(
        'before',
        `Examples:\n  synod stake ${name} ${example} --amount 25 --from alice\n  synod stake ${name} ${example} --amount 25 --key-file my-key.json\n`,
      )
      .requiredOption(`--amount <${name === 'delegate' ? 'amount' : 'amount|all'}>`, amounts)
      .option(...RPC)
      .option(...FROM, 'alice')
      .option(...KEY_FILE)
      .option(...DATA_DIR)
      .option(...JSON_FLAG)
      .action(async (...args: unknown[]) => {
        const command = args.at(-1) as Command;
        const [validator = '', to = ''] = command.args;
        const commandsOf = await import('../commands/stake.ts');
        if (name === 'delegate') return commandsOf.runDelegate(validator, all(command));
        if (name === 'undelegate') return commandsOf.runUndelegate(validator, all(command));
        return commandsOf.runRedelegate(validator, to, all(command));
      });
  }
  stake
    .command('show [account]')
    .description('What an account has staked with whom, and what is on its way back.')
    .addHelpText('before', 'Examples:\n  synod stake show alice\n  synod stake show syn1… --json\n')
    .option(...RPC)
    .option(...DATA_DIR)
    .option(...JSON_FLAG)
    .action(async (account, _flags, command) =>
      (await import('../commands/stake.ts')).runStakeShow(account, all(command)),
    );
}
