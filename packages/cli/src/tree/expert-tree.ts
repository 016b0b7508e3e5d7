/** Commands of `expert …`: who there is, what they know, and how to make one. Owns their flags and help. */
import type { Command } from 'commander';
import { all, DATA_DIR, JSON_FLAG, KEY_FILE, MODEL, RPC } from './flags.ts';

const EXAMPLES = `Examples:
  synod expert list
  synod expert ask geography "What is the capital of Peru?"
  synod expert build geography --documents ./notes --out ./geography
  synod expert offer ./law --domain law --price 5000 --from alice
`;

export function addExpertCommands(program: Command): void {
  const expert = program
    .command('expert')
    .description('Experts: what they know, their cards, and making one of your own documents.')
    .addHelpText('before', EXAMPLES);
  addReadingCommands(expert);
  addMakingCommands(expert);
  addOfferingCommands(expert);
}

const HOME = [
  '--home <folder>',
  'of the node that hosts it (default: where "synod start --join" keeps a node)',
] as const;
const OWN_KEY = ['--key-file <file>', "the expert's own key, where it lies in no home"] as const;
const ADAPTER = ['--adapter <file>', 'an adapter that "synod expert train" made (default: none)'] as const;

function addOfferingCommands(expert: Command): void {
  expert
    .command('offer <folder>')
    .description(
      'Offer an expert for pay: checks the folder, lets it answer, shows what it may earn, and registers it.',
    )
    .addHelpText(
      'before',
      'Examples:\n  synod expert offer ./law --domain law --price 5000 --from alice\n  synod expert offer ./law --domain law --price 5000 --key-file my-key.json --bond 20 --yes --json\n',
    )
    .requiredOption('--domain <domain>', 'that it answers in; a new one is made by its first expert')
    .requiredOption('--price <nano>', 'per byte of answer that the model writes, e.g. 5000')
    .option('--price-in <nano>', 'per byte of prompt (default: a tenth of --price)')
    .option('--price-quote <nano>', 'per byte of answer that is quoted (default: half of --price)')
    .option('--name <name>', 'what people call it (default: its domain and letters of its address)')
    .option('--operator <name>', 'account that answers for it, and agrees by signing (default: who signs)')
    .option('--bond <amount>', "in SYN (default: the chain's least)")
    .option('--capacity <count>', 'answers side by side (default 4)')
    .option('--from <name>', 'who pays the bond: a devnet account or validator, e.g. alice or val-2')
    .option(...KEY_FILE)
    .option(...HOME)
    .option(...MODEL)
    .option(...ADAPTER)
    .option(...RPC)
    .option(...DATA_DIR)
    .option('--yes', 'do not ask before registering')
    .option(...JSON_FLAG)
    .action(async (folder, _flags, command) =>
      (await import('../commands/expert-offer.ts')).runExpertOffer(folder, all(command)),
    );
  expert
    .command('update <name>')
    .description(
      'Register what an expert asks and knows now: new prices, or what its folder holds since it was built anew.',
    )
    .addHelpText(
      'before',
      'Examples:\n  synod expert update law-7q2x --price 4000\n  synod expert update law-7q2x --capacity 8 --name jurist\n',
    )
    .option('--price <nano>', 'per byte of answer that the model writes')
    .option('--price-in <nano>', 'per byte of prompt')
    .option('--price-quote <nano>', 'per byte of answer that is quoted')
    .option('--name <name>', 'what people call it from now on')
    .option('--capacity <count>', 'answers side by side')
    .option('--model <name>', 'another base model (default: the one it was offered with)', 'as offered')
    .option('--adapter <file>', 'another adapter, or none')
    .option(...OWN_KEY)
    .option(...HOME)
    .option(...RPC)
    .option(...JSON_FLAG)
    .action(async (name, _flags, command) =>
      (await import('../commands/expert-life.ts')).runExpertUpdate(name, all(command)),
    );
  addLeavingCommands(expert);
}

function addLeavingCommands(expert: Command): void {
  const commands = [
    ['pause', 'Leave an expert out of selection for a while; what it was asked before goes on.', 'runExpertPause'],
    ['resume', 'Take a paused expert in again.', 'runExpertResume'],
  ] as const;
  for (const [verb, description, run] of commands) {
    expert
      .command(`${verb} <name>`)
      .description(description)
      .addHelpText('before', `Examples:\n  synod expert ${verb} law-7q2x\n`)
      .option(...OWN_KEY)
      .option(...HOME)
      .option(...RPC)
      .option(...JSON_FLAG)
      .action(async (name, _flags, command) => (await import('../commands/expert-life.ts'))[run](name, all(command)));
  }
  expert
    .command('learn <name> <yes|no>')
    .description(
      "Whether an expert answers with the versions of its domain's model, and trains them; it does unless it says no.",
    )
    .addHelpText('before', 'Examples:\n  synod expert learn law-7q2x no\n  synod expert learn law-7q2x yes --json\n')
    .option(...OWN_KEY)
    .option(...HOME)
    .option(...RPC)
    .option(...JSON_FLAG)
    .action(async (name, answer, _flags, command) =>
      (await import('../commands/expert-life.ts')).runExpertLearn(name, answer, all(command)),
    );
  expert
    .command('retire <name>')
    .description('Take an expert off its domain for good; its bond is paid out later.')
    .addHelpText('before', 'Examples:\n  synod expert retire law-7q2x\n  synod expert retire law-7q2x --yes --json\n')
    .option('--yes', 'do not ask before')
    .option(...OWN_KEY)
    .option(...HOME)
    .option(...RPC)
    .option(...JSON_FLAG)
    .action(async (name, _flags, command) =>
      (await import('../commands/expert-life.ts')).runExpertRetire(name, all(command)),
    );
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
    .option('--out <folder>', 'folder to make; one that was built before is replaced (default: in the data folder)')
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
