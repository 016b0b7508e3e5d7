/** Commands about queries that were asked: `query …`. Owns their flags and help. */
import { type Command, InvalidArgumentError } from 'commander';
import { all, DATA_DIR, JSON_FLAG, KEY_FILE, RPC } from './flags.ts';

const QUERY_EXAMPLES = 'Examples:\n  synod query show 0x90e3…48bf\n  synod query show 0x90e3…48bf --json\n';

export function addQueryCommands(program: Command): void {
  const query = program
    .command('query')
    .description('Look at queries, and end them early.')
    .addHelpText('before', QUERY_EXAMPLES);
  query
    .command('cancel <id>')
    .description('End a query early: what is delivered by then is scored and paid, the rest returns.')
    .addHelpText('before', 'Examples:\n  synod query cancel 0x90e3…48bf\n')
    .option(...RPC)
    .option(...JSON_FLAG)
    .action(async (id, _flags, command) =>
      (await import('../commands/query-cancel.ts')).runQueryCancel(id, all(command)),
    );
  query
    .command('show <id>')
    .description('Everything about one query, from any node.')
    .addHelpText('before', QUERY_EXAMPLES)
    .option(...RPC)
    .option('--read-key <key>', 'shows the texts of a private query; "ask --private" printed it')
    .option(...JSON_FLAG)
    .action(async (id, _flags, command) => (await import('../commands/query-show.ts')).runQueryShow(id, all(command)));
  addDisclose(query);
  query
    .command('explain <id>')
    .description('How its respondents were drawn: candidates, factors of their weights, draws.')
    .addHelpText('before', 'Examples:\n  synod query explain 0x90e3…48bf\n  synod query explain 0x90e3…48bf --json\n')
    .option(...RPC)
    .option(...JSON_FLAG)
    .action(async (id, _flags, command) =>
      (await import('../commands/query-explain.ts')).runQueryExplain(id, all(command)),
    );
  query
    .command('candidates <domain>')
    .description('Who would be drawn for a question now, and why.')
    .addHelpText('before', 'Examples:\n  synod query candidates geography\n  synod query candidates geography --json\n')
    .option('--prompt <text>', 'question with whose length prices are compared')
    .option(...RPC)
    .option(...JSON_FLAG)
    .action(async (domain, _flags, command) =>
      (await import('../commands/query-explain.ts')).runQueryCandidates(domain, all(command)),
    );
}

function addDisclose(query: Command): void {
  query
    .command('disclose <id>')
    .description(
      'Make prompt and answers of your private query public: an answer that breaks the rules costs its author.',
    )
    .addHelpText(
      'before',
      'Examples:\n  synod query disclose 0x90e3…48bf --read-key 0x51c0…77aa\n  synod query disclose 0x90e3…48bf --read-key 0x51c0…77aa --respondent 1 --from bob\n',
    )
    .requiredOption('--read-key <key>', 'the key that "ask --private" printed')
    .option('--respondent <index>', 'only the answer of this one, counted from 0', index)
    .option('--from <account>', 'who asked: a devnet account', 'alice')
    .option(...KEY_FILE)
    .option(...DATA_DIR)
    .option(...RPC)
    .option(...JSON_FLAG)
    .action(async (id, _flags, command) =>
      (await import('../commands/query-disclose.ts')).runQueryDisclose(id, all(command)),
    );
}

function index(text: string): number {
  if (/^\d{1,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Give a whole number from 0.');
}
