/** Commands of `expert …`: who there is, what they know, and how to make one. Owns their flags and help. */
import type { Command } from 'commander';
import { all } from './devnet-tree.ts';

const RPC = ['--rpc <url>', 'node to talk to (also: SYNOD_RPC_URL)'] as const;
const JSON_FLAG = ['--json', 'one JSON object'] as const;
const MODEL = ['--model <name>', 'default, tiny, or a folder with a converted model', 'default'] as const;

const EXAMPLES = `Examples:
  synod expert list
  synod expert ask geography "What is the capital of Peru?"
  synod expert build geography --documents ./notes --out ./geography
`;

export function addExpertCommands(program: Command): void {
  const expert = program
    .command('expert')
    .description('Experts: what they know, their cards, and making one of your own documents.')
    .addHelpText('before', EXAMPLES);
  addReadingCommands(expert);
  addMakingCommands(expert);
}

function addReadingCommands(expert: Command): void {
  expert
    .command('list')
    .description('Shipped domains, and the experts of a running chain with price and reputation.')
    .addHelpText('before', 'Examples:\n  synod expert list\n  synod expert list --json\n')
    .option(...RPC)
    .option(...JSON_FLAG)
    .action(async (_flags, command) => (await import('../commands/expert-list.ts')).runExpertList(all(command)));
  expert
    .command('show <name>')
    .description('The card of an expert, by its name or address, or of a shipped domain.')
    .addHelpText('before', 'Examples:\n  synod expert show geography\n  synod expert show geography-a --json\n')
    .option(...RPC)
    .option(...JSON_FLAG)
    .action(async (name, _flags, command) =>
      (await import('../commands/expert-show.ts')).runExpertShow(name, all(command)),
    );
  expert
    .command('reputation <name>')
    .description('What the standing of an expert is made of, number by number.')
    .addHelpText(
      'before',
      'Examples:\n  synod expert reputation geography-a\n  synod expert reputation geography-a --domain geography --json\n',
    )
    .option('--domain <name>', 'domain of the answers (default: its own)')
    .option(...RPC)
    .option(...JSON_FLAG)
    .action(async (name, _flags, command) =>
      (await import('../commands/expert-reputation.ts')).runExpertReputation(name, all(command)),
    );
  expert
    .command('ask <domain> <question>')
    .description('Ask an expert on this machine, without any chain; shows the quote, its source and the confidence.')
    .addHelpText(
      'before',
      'Examples:\n  synod expert ask geography "What is the capital of Peru?"\n  synod expert ask geography --knowledge ./geography "Where is the new office?"\n',
    )
    .option('--knowledge <folder>', 'a folder that "synod expert build" made, instead of the shipped one')
    .option('--adapter <file>', 'an adapter that "synod expert train" made, or none (default: the shipped one)')
    .option(...MODEL)
    .option(...JSON_FLAG)
    .action(async (domain, question, _flags, command) =>
      (await import('../commands/expert-ask.ts')).runExpertAsk(domain, question, all(command)),
    );
}

function addMakingCommands(expert: Command): void {
  expert
    .command('build <domain>')
    .description('Make the knowledge of a domain: shipped sources, your documents, and the vectors that find passages.')
    .addHelpText(
      'before',
      'Examples:\n  synod expert build geography --documents ./notes --out ./geography\n  synod expert build law --documents ./laws --out ./law\n  synod expert build geography --check\n',
    )
    .option('--documents <folder>', 'every .md and .txt file in it becomes passages')
    .option('--out <folder>', 'folder to make; replaced when it exists (default: in the data folder)')
    .option('--check', 'make it anew in memory and compare it with the shipped folder')
    .option('--no-vectors', 'leave vectors to be made when they are first needed')
    .option(...MODEL)
    .option(...JSON_FLAG)
    .action(async (domain, _flags, command) =>
      (await import('../commands/expert-build.ts')).runExpertBuild(domain, all(command)),
    );
  expert
    .command('train <domain>')
    .description('Train an adapter for a domain, in a process of its own; Ctrl-C keeps what was done.')
    .addHelpText(
      'before',
      'Examples:\n  synod expert train geography --steps 60 --out ./geography.adapter\n  synod expert train geography --resume\n',
    )
    .option('--seed <number>', 'of the examples and their order (default 1)')
    .option('--steps <count>', 'how long to train (default 60)')
    .option('--resume', 'go on with an interrupted training')
    .option('--knowledge <folder>', 'instead of the shipped knowledge')
    .option('--questions <file>', "questions to train on (default: those of the domain's benchmark)")
    .option('--out <file>', 'adapter to write (default: in the data folder)')
    .option(...MODEL)
    .option(...JSON_FLAG)
    .action(async (domain, _flags, command) =>
      (await import('../commands/expert-train.ts')).runExpertTrain(domain, all(command)),
    );
  expert
    .command('eval <domain>')
    .description('How often an expert on this machine answers rightly, and refuses what it cannot know.')
    .addHelpText(
      'before',
      'Examples:\n  synod expert eval geography --sample 50\n  synod expert eval geography --adapter none --json\n',
    )
    .option('--sample <count>', 'questions to ask, spread over the test split (default 50)')
    .option('--questions <file>', "instead of the domain's benchmark")
    .option('--knowledge <folder>', 'instead of the shipped knowledge')
    .option('--adapter <file>', 'an adapter, or none (default: the shipped one)')
    .option(...MODEL)
    .option(...JSON_FLAG)
    .action(async (domain, _flags, command) =>
      (await import('../commands/expert-eval.ts')).runExpertEval(domain, all(command)),
    );
}
