/** The researcher's commands: `simulate` and `simulate mutants`. Owns their flags and help. */
import type { Command } from 'commander';
import { all, JSON_FLAG } from './flags.ts';

const EXAMPLES = `Examples:
  synod simulate --seeds 1..200                 schedules with faults, in all cores
  synod simulate --seeds 17..17 --trace         one of them, line by line
  synod simulate --seeds 1..20 --control f1-twins   must fail: more twins than the network tolerates
`;

const MUTANTS_EXAMPLES = `Examples:
  synod simulate mutants                        break the code on purpose, see that the simulator notices
  synod simulate mutants --folder ./patches     and these: .mutant files, or diffs as git prints them
  synod simulate mutants --only skip-on-one     one of them
`;

export function addSimulateCommand(program: Command): void {
  const simulate = program
    .command('simulate')
    .description('Run whole networks of the production code under faults, in virtual time, and check every promise.')
    .addHelpText('before', EXAMPLES)
    .option('--seeds <range>', 'first..last', '1..100')
    .option('--nodes <range>', 'validators, least..most (default 4..7)')
    .option('--twins', 'an equivocating twin in every schedule, instead of a quarter')
    .option('--signatures <keyed-hash|ed25519>', 'of all schedules (default: ed25519 in one of twenty)')
    .option('--control <f1-twins|deaf>', 'schedules that must fail')
    .option('--threads <count>', '0 takes all cores', '0')
    .option('--trace', 'print every event first')
    .option(...JSON_FLAG)
    .action(async (_flags, command) => (await import('../commands/simulate.ts')).runSimulate(all(command)));
  simulate
    .command('mutants')
    .description('Change a copy of the production code in one place at a time and look for a seed that notices.')
    .addHelpText('before', MUTANTS_EXAMPLES)
    .option('--folder <path>', 'further mutants: .mutant, .patch and .diff files')
    .option('--only <names>', 'these alone, separated by commas')
    .option('--seeds <range>', 'first..last, tried in turn until one notices', '1..400')
    .option('--threads <count>', 'mutants at a time; 0 takes all cores', '0')
    .option(...JSON_FLAG)
    .action(async (_flags, command) =>
      (await import('../commands/simulate-mutants.ts')).runSimulateMutants(all(command)),
    );
}
