/** Commands about models: `model …`, how they came to be, and `feedback` and `data`, what they learn from. Owns their flags and help. */
import type { Command } from 'commander';
import { all, collect, DATA_DIR, JSON_FLAG, KEY_FILE, MODEL, RPC } from './flags.ts';

const MODEL_EXAMPLES = `Examples:
  synod model fetch
  synod model lineage geography
  synod model rebuild geography --version 3
  synod model personal train geography
`;

export function addModelCommands(program: Command): void {
  const model = program
    .command('model')
    .description('Models on this machine, and how those of a chain came to be.')
    .addHelpText('before', MODEL_EXAMPLES);
  model
    .command('fetch')
    .description('Download, convert and verify a model before it is needed.')
    .addHelpText('before', 'Examples:\n  synod model fetch\n')
    .option('--model <name>', 'default, tiny, a folder, a hub id, or http://HOST/v1#NAME', 'default')
    .option(...JSON_FLAG)
    .action(async (_flags, command) => (await import('../commands/model-fetch.ts')).runModelFetch(all(command)));
  addLineageCommands(model);
  addPersonalCommands(model);
  addFeedbackCommand(program);
  addDataCommands(program);
}

function addLineageCommands(model: Command): void {
  model
    .command('lineage <expert>')
    .description(
      "The versions of an expert's or a domain's model: who trained, what was measured, what became of each.",
    )
    .addHelpText('before', 'Examples:\n  synod model lineage geography\n  synod model lineage geography-a --json\n')
    .option(...RPC)
    .option(...JSON_FLAG)
    .action(async (name, _flags, command) =>
      (await import('../commands/model-lineage.ts')).runModelLineage(name, all(command)),
    );
  model
    .command('rounds [domain]')
    .description('Training rounds: what is under way, and what became of those before.')
    .addHelpText('before', 'Examples:\n  synod model rounds\n  synod model rounds geography --json\n')
    .option(...RPC)
    .option(...JSON_FLAG)
    .action(async (domain, _flags, command) =>
      (await import('../commands/model-lineage.ts')).runModelRounds(domain, all(command)),
    );
  model
    .command('rebuild <expert>')
    .description('Make a version anew from what its chain records, and compare the hash: needs no data of a node.')
    .addHelpText(
      'before',
      'Examples:\n  synod model rebuild geography --version 3\n  synod model rebuild geography --version 3 --rpc http://127.0.0.1:9545,http://127.0.0.1:9555 --out ./geography-v3\n',
    )
    .requiredOption('--version <number>', 'the version to make')
    .option(
      '--rpc <urls>',
      'nodes that serve the deltas, in this order; several by commas (also: SYNOD_RPC_URL)',
      collect,
    )
    .option(
      '--out <folder>',
      'where deltas and files are kept (default: in the data folder); what is there is not fetched again',
    )
    .option('--base <file>', 'adapter that genesis began with (default: the shipped one)')
    .option(...MODEL)
    .option(...JSON_FLAG)
    .action(async (name, _flags, command) =>
      (await import('../commands/model-rebuild.ts')).runModelRebuild(name, all(command)),
    );
  model
    .command('rollback <domain> <version>')
    .description('Vote to take back the canary or the stable version; more than half of the stake does it.')
    .addHelpText(
      'before',
      'Examples:\n  synod model rollback geography 4 --from val-2\n  synod model rollback geography 4 --key-file operator.json\n',
    )
    .option('--from <name>', 'a validator of the devnet, e.g. val-2')
    .option(...KEY_FILE)
    .option(...DATA_DIR)
    .option(...RPC)
    .option(...JSON_FLAG)
    .action(async (domain, version, _flags, command) =>
      (await import('../commands/model-rollback.ts')).runModelRollback(domain, version, all(command)),
    );
}

const PERSONAL_EXAMPLES = `Examples:
  synod feedback 0x90e3…48bf --private --correct "The new office is in Lima."
  synod model personal train geography
  synod model personal ask geography "Where is the new office?"
  synod model personal status
`;

const HOME = ['--home <folder>', 'of the node that kept the feedback (default: those of the devnet)'] as const;

function addPersonalCommands(model: Command): void {
  const personal = model
    .command('personal')
    .description('An adapter of your own, trained on private feedback. Nothing of it leaves this machine.')
    .addHelpText('before', PERSONAL_EXAMPLES);
  personal
    .command('train <domain>')
    .description('Train on the private feedback of a domain; Ctrl-C keeps what was done.')
    .addHelpText(
      'before',
      'Examples:\n  synod model personal train geography\n  synod model personal train geography --json\n',
    )
    .option(...HOME)
    .option(...DATA_DIR)
    .option(...MODEL)
    .option(...JSON_FLAG)
    .action(async (domain, _flags, command) =>
      (await import('../commands/model-personal.ts')).runPersonalTrain(domain, all(command)),
    );
  personal
    .command('status')
    .description('Private feedback by domain, and what was trained on it.')
    .addHelpText('before', 'Examples:\n  synod model personal status\n  synod model personal status --json\n')
    .option(...HOME)
    .option(...DATA_DIR)
    .option(...JSON_FLAG)
    .action(async (_flags, command) => (await import('../commands/model-personal.ts')).runPersonalStatus(all(command)));
  personal
    .command('ask <domain> <question>')
    .description('Ask your own expert: the domain, what you told it in private, and its adapter.')
    .addHelpText('before', 'Examples:\n  synod model personal ask geography "Where is the new office?"\n')
    .option(...HOME)
    .option(...DATA_DIR)
    .option(...MODEL)
    .option(...JSON_FLAG)
    .action(async (domain, question, _flags, command) =>
      (await import('../commands/model-personal.ts')).runPersonalAsk(domain, question, all(command)),
    );
}

function addFeedbackCommand(program: Command): void {
  const feedback = program
    .command('feedback')
    .argument('<query>', 'id of the query')
    .argument('[good|bad]', 'how it was')
    .description('Say whether an answer was good or bad, or what is right; the domain learns from it.')
    .addHelpText(
      'before',
      'Examples:\n  synod feedback 0x90e3…48bf good\n  synod feedback 0x90e3…48bf --correct "The capital of Peru is Lima." --source "an atlas"\n  synod feedback 0x90e3…48bf bad --private\n  synod feedback list geography\n  synod feedback show 0x90e3…48bf\n',
    )
    .option('--correct <text>', 'the right answer; it becomes knowledge with you as its source')
    .option('--source <text>', 'where the correction is from')
    .option('--licence <licence>', 'SPDX name under which you give your words (default CC0-1.0)')
    .option(
      '--consent <train|release>',
      'train: models may learn from it; release: it may be published as well (default train)',
    )
    .option('--private', "keep it in the node's home, for an adapter of your own")
    .option('--read-key <key>', 'of a private query, as "ask --private" printed it')
    .option('--from <account>', 'who asked: a devnet account (default: who did)')
    .option(...KEY_FILE)
    .option(...RPC)
    .option(...JSON_FLAG)
    .action(async (query, rating, _flags, command) =>
      (await import('../commands/feedback.ts')).runFeedback(query, rating, all(command)),
    );
  feedback
    .command('list <domain>')
    .description('What was said about the answers of a domain, the last first.')
    .addHelpText('before', 'Examples:\n  synod feedback list geography\n  synod feedback list geography --json\n')
    .option(...RPC)
    .option(...JSON_FLAG)
    .action(async (domain, _flags, command) =>
      (await import('../commands/feedback-show.ts')).runFeedbackList(domain, all(command)),
    );
  feedback
    .command('show <query>')
    .description('What was said about one answer, and what became of it.')
    .addHelpText('before', 'Examples:\n  synod feedback show 0x90e3…48bf\n')
    .option(...RPC)
    .option(...JSON_FLAG)
    .action(async (query, _flags, command) =>
      (await import('../commands/feedback-show.ts')).runFeedbackShow(query, all(command)),
    );
}

const DATA_EXAMPLES = `Examples:
  synod data export --domain geography --out geography.jsonl
  synod data export --domain geography --from 1200 > later.jsonl
  synod data verify geography.jsonl --trust 1500@0x3f…
`;

const EXITS = `
Exit codes: 0 proven, 11 invalid, 12 cannot be decided (no trusted block, or one too old).
`;

function addDataCommands(program: Command): void {
  const data = program
    .command('data')
    .description('What users said, as open data with proofs.')
    .addHelpText('before', DATA_EXAMPLES);
  data
    .command('export')
    .description('The feedback of a domain as JSON lines, each with its proof; words where their author released them.')
    .addHelpText('before', DATA_EXAMPLES)
    .requiredOption('--domain <name>', 'whose feedback')
    .option('--from <height>', 'given in this block or later (default: all)')
    .option('--out <file>', 'write it there; run again, it goes on where it stopped (default: standard output)')
    .option('--trust <height@hash>', 'a block its readers trust: the way from there is put in')
    .option('--all-consents', 'words also of those who only agreed to training; do not publish such a file')
    .option(...RPC)
    .option('--json', 'with --out: one JSON object about the file')
    .action(async (_flags, command) => (await import('../commands/data-export.ts')).runDataExport(all(command)));
  data
    .command('verify <file>')
    .description('Check such a file; no node is needed.')
    .addHelpText('before', DATA_EXAMPLES)
    .addHelpText('after', EXITS)
    .option('--trust <height@hash>', 'a block you trust, as "synod checkpoint" of a node you trust prints it')
    .option('--trust-period <duration>', 'how long a block may vouch for later ones (default 14d)')
    .option('--rpc <url>', 'fetch missing blocks there, and compare; may be given several times', collect)
    .option('--chain <id>', 'refuse a file of any other chain')
    .option(...JSON_FLAG)
    .action(async (file, _flags, command) =>
      (await import('../commands/data-verify.ts')).runDataVerify(file, all(command)),
    );
}
