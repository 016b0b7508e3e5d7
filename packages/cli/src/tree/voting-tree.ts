/** Commands of whoever keeps the chain right: `params …` (votes on parameters) and `evidence …`. Owns their flags and help. */
import type { Command } from 'commander';
import { all, DATA_DIR, JSON_FLAG, KEY_FILE, RPC } from './flags.ts';

export function addVotingCommands(program: Command): void {
  addParamsCommands(program);
  addEvidenceCommands(program);
}

function addParamsCommands(program: Command): void {
  const params = program
    .command('params')
    .description('Parameters of the chain: what they are, and votes that change them.')
    .addHelpText(
      'before',
      'Examples:\n  synod params show staking.jailHeights\n  synod params propose staking.jailHeights=500 --title "Shorter jail" --from alice\n  synod params vote 0x3fa9… yes --from val-1\n',
    );
  const load = () => import('../commands/params.ts');
  params
    .command('show [name]')
    .description('Parameters with their value and range; all, or those whose name begins so.')
    .addHelpText('before', 'Examples:\n  synod params show\n  synod params show staking. --json\n')
    .option(...RPC)
    .option(...DATA_DIR)
    .option(...JSON_FLAG)
    .action(async (name, _flags, command) => (await load()).runParamsShow(name, all(command)));
  params
    .command('list')
    .description('Proposals that are voted on or have passed, with the count as it stands.')
    .addHelpText('before', 'Examples:\n  synod params list\n  synod params list --json\n')
    .option(...RPC)
    .option(...DATA_DIR)
    .option(...JSON_FLAG)
    .action(async (_flags, command) => (await load()).runParamsList(all(command)));
  params
    .command('status <proposal>')
    .description('One proposal: count, quorum, time left, and what it would come to now. The id may be shortened.')
    .addHelpText('before', 'Examples:\n  synod params status 0x3fa9…\n  synod params status 3fa9 --json\n')
    .option(...RPC)
    .option(...DATA_DIR)
    .option(...JSON_FLAG)
    .action(async (proposal, _flags, command) => (await load()).runParamsStatus(proposal, all(command)));
  params
    .command('propose <change...>')
    .description('Put changes to the vote; the deposit comes back unless nobody cares or nearly all are against.')
    .addHelpText(
      'before',
      'Examples:\n  synod params propose staking.jailHeights=500 --title "Shorter jail" --from alice\n  synod params propose voting.quorum=35% staking.selfBondMin=2SYN --title T --deposit 10 --key-file my-key.json\n',
    )
    .requiredOption('--title <text>', 'what it is for, in 1 to 128 bytes')
    .option('--deposit <amount>', 'in SYN (default: the least one)')
    .option(...RPC)
    .option('--from <name>', 'who signs: a devnet account, e.g. alice')
    .option(...KEY_FILE)
    .option(...DATA_DIR)
    .option(...JSON_FLAG)
    .action(async (changes, _flags, command) => (await load()).runParamsPropose(changes, all(command)));
  params
    .command('vote <proposal> <yes|no|abstain>')
    .description(
      'Vote yes, no or abstain with all stake of a validator; a later vote replaces it. The id may be shortened.',
    )
    .addHelpText(
      'before',
      'Examples:\n  synod params vote 0x3fa9… yes --from val-1\n  synod params vote 0x3fa9… abstain --key-file my-key.json\n',
    )
    .option(...RPC)
    .option('--from <name>', 'who signs: the operator of an active validator, e.g. val-1')
    .option(...KEY_FILE)
    .option(...DATA_DIR)
    .option(...JSON_FLAG)
    .action(async (proposal, choice, _flags, command) => (await load()).runParamsVote(proposal, choice, all(command)));
}

function addEvidenceCommands(program: Command): void {
  const examples =
    'Examples:\n  synod evidence submit light-client-attack-812.json\n  synod evidence submit attack.json --rpc URL --json\n';
  program
    .command('evidence')
    .description('Proof of misconduct, for the chain to punish.')
    .addHelpText('before', examples)
    .command('submit <file>')
    .description('Hand in the file that "synod verify" wrote when it found an attack.')
    .addHelpText('before', examples)
    .option(...RPC)
    .option(...DATA_DIR)
    .option(...JSON_FLAG)
    .action(async (file, _flags, command) =>
      (await import('../commands/evidence.ts')).runEvidenceSubmit(file, all(command)),
    );
}
