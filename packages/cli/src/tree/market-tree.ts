/** Commands that ask, pay and look: `ask`, `status`, `account …`, `send`. Owns their flags and help. */
import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import { all, collect, DATA_DIR, JSON_FLAG, KEY_FILE, RPC } from './flags.ts';

export function addMarketCommands(program: Command): void {
  program
    .command('ask <prompt>')
    .description('Ask a question; prints the answer as it is written, then cost, scores and receipt.')
    .addHelpText(
      'before',
      'Examples:\n  synod ask "What is the capital of France?"\n  synod ask --max-cost 0.01 --from bob "Why is the sky blue?"\n  echo "Explain rain." | synod ask - --json\n  synod ask --private "What does this rash mean?"\n  synod ask --expert geography-b "What is the capital of Peru?"\n  synod ask --verify --rpc http://127.0.0.1:9545,http://127.0.0.1:9555 "Who wrote Faust?"\n',
    )
    .option(
      '--rpc <urls>',
      'nodes to talk to, in this order; several by commas, or repeated (also: SYNOD_RPC_URL)',
      collect,
    )
    .option('--from <account>', 'who pays (default: the first devnet account)')
    .option('--max-cost <amount>', 'never pay more, in SYN')
    .option('--domain <name>', 'asks its experts, instead of those the router finds')
    .option('--expert <expert>', 'asks this one alone, by name or address; its answer moves no reputation')
    .option('--respondents <n>', 'how many experts answer (default 2)', count)
    .option('--rounds <n>', "rounds in which they see one another's answers (default 1)", count)
    .addOption(
      new Option(
        '--effort <effort>',
        'quote: passages alone, cheap; full: a model may add words (default: by difficulty)',
      ).choices(['quote', 'full']),
    )
    .option('--threshold <score>', 'below this score an answer gets the base part alone (default 0.3)', score)
    .option('--verify', 'prove the receipt before it is shown, with blocks of all nodes named')
    .option(
      '--trust <height@hash>',
      'the block that --verify starts from (default: the newest that all nodes agree on)',
    )
    .option('--timeout <seconds>', 'longest wait for the final receipt', seconds, 180)
    .option('--private', 'only the experts and judges of this question see its texts; prints a key to show them again')
    .option(...JSON_FLAG)
    .action(async (prompt, _flags, command) => (await import('../commands/ask.ts')).runAsk(prompt, all(command)));
  program
    .command('status')
    .description('Is the network well, and if not, why.')
    .addHelpText('before', 'Examples:\n  synod status\n  synod status --watch --rpc http://127.0.0.1:9555\n')
    .option(...RPC)
    .option('--watch', 'again at every block and change of health, until Ctrl-C')
    .option(...JSON_FLAG)
    .action(async (_flags, command) => (await import('../commands/status.ts')).runStatus(all(command)));
  program
    .command('send <to> <amount>')
    .description('Move money; amounts are in SYN.')
    .addHelpText(
      'before',
      'Examples:\n  synod send bob 1.5 --from alice\n  synod send syn1… 0.25 --key-file my-key.json\n',
    )
    .option(...RPC)
    .option('--from <account>', 'a devnet account', 'alice')
    .option(...KEY_FILE)
    .option(...DATA_DIR)
    .option(...JSON_FLAG)
    .action(async (to, amount, _flags, command) =>
      (await import('../commands/send.ts')).runSend(to, amount, all(command)),
    );
  addAccountCommands(program);
}

function addAccountCommands(program: Command): void {
  const account = program
    .command('account')
    .description('Balances and new keys.')
    .addHelpText('before', 'Examples:\n  synod account show alice\n  synod account new --out my-key.json\n');
  account
    .command('show [account]')
    .description('Balance of an address or a devnet account; of all devnet accounts when none is named.')
    .addHelpText('before', 'Examples:\n  synod account show\n  synod account show alice --json\n')
    .option(...RPC)
    .option(...DATA_DIR)
    .option(...JSON_FLAG)
    .action(async (name, _flags, command) =>
      (await import('../commands/account.ts')).runAccountShow(name, all(command)),
    );
  account
    .command('new')
    .description('Make a key and write it to a file for you alone.')
    .addHelpText('before', 'Examples:\n  synod account new --out my-key.json\n')
    .option('--out <file>', 'file to write; never overwritten', 'synod-key.json')
    .option(...JSON_FLAG)
    .action(async (_flags, command) => (await import('../commands/account.ts')).runAccountNew(all(command)));
}

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 100)
    throw new InvalidArgumentError('Give a whole number from 1 to 100.');
  return value;
}

/** In millionths, as contracts have it. */
function score(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1)) throw new InvalidArgumentError('Give a score from 0 to 1.');
  return Math.round(value * 1_000_000);
}

function seconds(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value < 1 || value > 3_600)
    throw new InvalidArgumentError('Give seconds from 1 to 3600.');
  return value;
}
