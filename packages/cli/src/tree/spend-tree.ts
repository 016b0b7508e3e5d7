/** Commands about budgets for programs: `spend-key …`. Owns their flags and help. */
import type { Command } from 'commander';
import { all } from './devnet-tree.ts';

const NEW_EXAMPLES = `Examples:
  synod spend-key new --budget 50                          at most 50 SYN, of the node's first account
  synod spend-key new --budget 0.5 --expires 7d --name ci  for a week
  export OPENAI_API_KEY=$(synod spend-key new --budget 5)
`;

const EXAMPLES = `Examples:
  synod spend-key new --budget 50 --expires 7d
  synod spend-key list
  synod spend-key revoke ci
`;

const HOME = ['--home <folder>', "of the node that keeps them (default: the devnet's first)"] as const;
const DATA_DIR = ['--data-dir <folder>', 'of the devnet that is meant'] as const;
const JSON_FLAG = ['--json', 'one JSON object'] as const;

export function addSpendKeyCommands(program: Command): void {
  const key = program
    .command('spend-key')
    .description('Keys with a budget, for programs that ask through the OpenAI-compatible API.')
    .addHelpText('before', EXAMPLES);
  key
    .command('new')
    .description('Make a key: whoever bears it may spend up to its budget. It is shown once.')
    .addHelpText('before', NEW_EXAMPLES)
    .requiredOption('--budget <syn>', 'all that may ever be spent with it')
    .option('--expires <duration>', 'e.g. 12h or 7d (default: never)')
    .option('--account <name>', "who pays: one of the node's accounts (default: its first)")
    .option('--name <name>', 'to call it by (default: its id)')
    .option(...HOME)
    .option(...DATA_DIR)
    .option(...JSON_FLAG)
    .action(async (_flags, command) => (await import('../commands/spend-key-new.ts')).runSpendKeyNew(all(command)));
  const load = () => import('../commands/spend-key-list.ts');
  key
    .command('list')
    .description('Every key with what is left of its budget.')
    .addHelpText('before', 'Examples:\n  synod spend-key list\n  synod spend-key list --home ./node --json\n')
    .option(...HOME)
    .option(...DATA_DIR)
    .option(...JSON_FLAG)
    .action(async (_flags, command) => (await load()).runSpendKeyList(all(command)));
  key
    .command('show <key>')
    .description('One key, with its open queries.')
    .addHelpText('before', 'Examples:\n  synod spend-key show ci\n  synod spend-key show spend-1f9c03aa --json\n')
    .option(...HOME)
    .option(...DATA_DIR)
    .option(...JSON_FLAG)
    .action(async (name, _flags, command) => (await load()).runSpendKeyShow(name, all(command)));
  key
    .command('revoke <key>')
    .description('Let nothing more be opened with a key; what is open ends as ever.')
    .addHelpText('before', 'Examples:\n  synod spend-key revoke ci\n')
    .option(...HOME)
    .option(...DATA_DIR)
    .option(...JSON_FLAG)
    .action(async (name, _flags, command) => (await load()).runSpendKeyRevoke(name, all(command)));
}
