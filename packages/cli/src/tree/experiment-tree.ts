/** The commands of `synod experiment`. Owns their flags and help. */
import type { Command } from 'commander';
import { all, JSON_FLAG } from './flags.ts';

const EXAMPLES = `Examples:
  synod experiment dynamic-pricing --out ./pricing      price against complexity and load
  synod experiment continual --quick                    four ways to keep up with changing facts
  synod experiment static-network --model tiny          one process against a network's workers
`;

export function addExperimentCommands(program: Command): void {
  const experiment = program
    .command('experiment')
    .description('Run an experiment and write a report with plots.')
    .addHelpText('before', EXAMPLES);
  reported(experiment, 'static-network', 'A static model on the network against one process: answers and times.')
    .option('--model <name>', MODEL)
    .action(async (_flags, command) => (await import('../commands/experiment.ts')).runStaticNetwork(all(command)));
  reported(experiment, 'dynamic-pricing', 'What answers cost at set levels of complexity while load changes.').action(
    async (_flags, command) => (await import('../commands/experiment.ts')).runDynamicPricing(all(command)),
  );
  reported(
    experiment,
    'continual',
    'Static, retrieval only, central fine-tuning and Synod on a drifting stream of facts.',
  )
    .option('--model <name>', MODEL)
    .action(async (_flags, command) => (await import('../commands/experiment.ts')).runContinual(all(command)));
}

const MODEL = 'a model, or a model folder (default: the default model where this machine has it, else tiny)';

function reported(parent: Command, name: string, description: string): Command {
  return parent
    .command(name)
    .description(description)
    .addHelpText(
      'before',
      `Examples:\n  synod experiment ${name} --quick\n  synod experiment ${name} --out ./${name} --seed 7\n`,
    )
    .option('--out <folder>', 'where the report goes (default ./synod-NAME)')
    .option('--seed <number>', 'of everything that is drawn', '1')
    .option('--quick', 'a small part of it')
    .option(...JSON_FLAG);
}
