#!/usr/bin/env node
/**
 * The `synod` command: the tree of commands with their help, and how any of them ends. Owns parsing only; each command's
 * module is loaded when it is run, so that help and errors are instant.
 */
import { enableCompileCache } from 'node:module';
import { Command, CommanderError, Option } from 'commander';
import { compileCacheDirectory } from './settings/paths.ts';
import { asTyped } from './terminal/command-name.ts';
import { EXIT } from './terminal/exit-codes.ts';
import { reportFailure } from './terminal/failure.ts';
import { addDbCommands } from './tree/db-tree.ts';
import { addDevnetCommands } from './tree/devnet-tree.ts';
import { addExperimentCommands } from './tree/experiment-tree.ts';
import { addExpertCommands } from './tree/expert-tree.ts';
import { addMarketCommands } from './tree/market-tree.ts';
import { addModelCommands } from './tree/model-tree.ts';
import { addProofCommands } from './tree/proof-tree.ts';
import { addQueryCommands } from './tree/query-tree.ts';
import { addRewardCommands } from './tree/rewards-tree.ts';
import { addSimulateCommand } from './tree/simulate-tree.ts';
import { addSnapshotCommands } from './tree/snapshot-tree.ts';
import { addSpendKeyCommands } from './tree/spend-tree.ts';
import { addStakingCommands } from './tree/staking-tree.ts';
import { addVotingCommands } from './tree/voting-tree.ts';
import { VERSION } from './version.ts';

const EXAMPLES = `Examples:
  synod devnet                                        start four validators with experts
  synod ask "What is the capital of France?"          ask, pay, get a receipt
  synod expert list                                   who answers what, at which price
  synod status                                        is the network well
  synod send bob 1.5 --from alice                     move money
  synod --version                                     which version this is
`;

/** Help advises commands as they are typed here; errors are reported by `main`. */
const OUTPUT = {
  writeOut: (text: string) => void process.stdout.write(asTyped(text)),
  writeErr: (text: string) => void process.stderr.write(asTyped(text)),
  outputError: () => undefined,
};

function createProgram(): Command {
  const program = new Command('synod')
    .description('Experts answer questions for pay, judge each other, and a chain of their own keeps the books.')
    .option('--debug', 'show where an error comes from')
    .addOption(new Option('--no-color', 'no colours (also: NO_COLOR)'))
    .addHelpText('beforeAll', '')
    .addHelpText('before', EXAMPLES)
    .showSuggestionAfterError()
    .configureOutput(OUTPUT)
    .exitOverride();
  addDevnetCommands(program);
  addMarketCommands(program);
  addQueryCommands(program);
  addExpertCommands(program);
  addModelCommands(program);
  addSpendKeyCommands(program);
  addStakingCommands(program);
  addRewardCommands(program);
  addVotingCommands(program);
  addProofCommands(program);
  addDbCommands(program);
  addSnapshotCommands(program);
  addSimulateCommand(program);
  addExperimentCommands(program);
  overrideExits(program);
  return program;
}

/** Every subcommand reports through `main`, none exits or prints errors by itself. */
function overrideExits(command: Command): void {
  for (const child of command.commands) {
    child.exitOverride().configureOutput(OUTPUT).showSuggestionAfterError();
    overrideExits(child);
  }
}

/** The deepest command that the arguments name, e.g. `synod devnet logs`: its help is the one to read. */
function commandPath(program: Command, argv: readonly string[]): string {
  const path = [program];
  for (const argument of argv) {
    const child = path.at(-1)?.commands.find((command) => command.name() === argument);
    if (child === undefined) break;
    path.push(child);
  }
  return path.map((command) => command.name()).join(' ');
}

async function main(argv: readonly string[]): Promise<number> {
  const flags = { json: argv.includes('--json'), debug: argv.includes('--debug') };
  if (argv.includes('--no-color')) process.env['NO_COLOR'] = '1';
  // An option of the program would be taken from commands that have one of the same name.
  if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
    process.stdout.write(`${VERSION}\n`);
    return EXIT.ok;
  }
  const program = createProgram();
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof CommanderError)) return reportFailure(error, flags);
    if (error.exitCode === 0) return EXIT.ok;
    if (error.code === 'commander.help') return EXIT.usage;
    const help = `See:  ${commandPath(program, argv)} --help`;
    const usage = new Error(`${error.message.replace(/^error: /, '')}\n${help}`);
    return reportFailure(Object.assign(usage, { name: 'SynodError', code: 'USAGE', facts: {} }), flags);
  }
}

// Halves the time of every start: what a command's module imports is compiled once a machine, not once a process.
enableCompileCache(compileCacheDirectory(process.env));
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // The reader has gone (`synod … | head`): nothing is left to say.
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
  throw error;
});
process.exitCode = await main(process.argv.slice(2));
// Open sockets of a finished command must not keep it alive.
process.exit();
