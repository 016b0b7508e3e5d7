/**
 * The `synod` command: the tree of commands with their help, and how any of them ends. Owns parsing only; each command's
 * module is loaded when it is run, so that help and errors are instant. The process around it is main.ts.
 */
import { Command, CommanderError } from 'commander';
import { prepareRun, readMode } from './run.ts';
import { asTyped } from './terminal/command-name.ts';
import { EXIT } from './terminal/exit-codes.ts';
import { reportFailure } from './terminal/failure.ts';
import { mode } from './terminal/mode.ts';
import { addDbCommands } from './tree/db-tree.ts';
import { addDevnetCommands } from './tree/devnet-tree.ts';
import { finishTree } from './tree/everywhere.ts';
import { addExperimentCommands } from './tree/experiment-tree.ts';
import { addExpertCommands } from './tree/expert-tree.ts';
import { addKeyCommands, addPasswordFiles } from './tree/key-tree.ts';
import { addMarketCommands } from './tree/market-tree.ts';
import { addModelCommands } from './tree/model-tree.ts';
import { addNodeRunCommands } from './tree/node-tree.ts';
import { addOperatingCommands } from './tree/operating-tree.ts';
import { addProofCommands } from './tree/proof-tree.ts';
import { addQueryCommands } from './tree/query-tree.ts';
import { addRewardCommands } from './tree/rewards-tree.ts';
import { addSettingsCommands } from './tree/settings-tree.ts';
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

/** The whole tree of commands with their help and flags; nothing runs before it is parsed. */
export function createProgram(): Command {
  const program = new Command('synod')
    .description('Experts answer questions for pay, judge each other, and a chain of their own keeps the books.')
    .enablePositionalOptions()
    .addHelpText('before', EXAMPLES)
    .showSuggestionAfterError()
    .configureOutput(OUTPUT)
    .exitOverride();
  addDevnetCommands(program);
  addNodeRunCommands(program);
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
  addKeyCommands(program);
  addOperatingCommands(program);
  addSimulateCommand(program);
  addExperimentCommands(program);
  addSettingsCommands(program);
  addPasswordFiles(program);
  finishTree(program);
  return program;
}

/** Runs one command line; resolves to its exit code, having told any failure on stderr. */
export async function main(argv: readonly string[]): Promise<number> {
  readMode(argv);
  if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
    process.stdout.write(`${VERSION}\n`);
    return EXIT.ok;
  }
  const program = createProgram();
  const run = prepareRun(program, argv);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof CommanderError)) return reportFailure(run.explain(error), mode);
    if (error.exitCode === 0) return EXIT.ok;
    if (error.code === 'commander.help') return EXIT.usage;
    return reportFailure(run.misuse(error), mode);
  }
}
