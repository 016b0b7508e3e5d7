/** The researcher's command: `simulate`. Owns its flags and help. */
import type { Command } from 'commander';
import { all } from './devnet-tree.ts';

const EXAMPLES = `Examples:
  synod simulate --seeds 1..200                 schedules with faults, in all cores
  synod simulate --seeds 17..17 --trace         one of them, line by line
  synod simulate --seeds 1..20 --control f1-twins   must fail: more twins than the network tolerates
`;

export function addSimulateCommand(program: Command): void {
  program
    .command('simulate')
    .description('Run whole networks of the production code under faults, in virtual time, and check every promise.')
    .addHelpText('before', EXAMPLES)
    .option('--seeds <range>', 'first..last', '1..100')
    .option('--nodes <range>', 'validators, least..most (default 4..7)')
    .option('--twins', 'an equivocating twin in every schedule, instead of a quarter')
    .option('--signatures <kind>', 'keyed-hash or ed25519 (default: ed25519 in one of twenty)')
    .option('--control <kind>', 'f1-twins or deaf: schedules that must fail')
    .option('--threads <count>', '0 takes all cores', '0')
    .option('--trace', 'print every event first')
    .option('--json', 'one JSON object')
    .action(async (_flags, command) => (await import('../commands/simulate.ts')).runSimulate(all(command)));
}
