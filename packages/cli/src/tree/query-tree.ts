/** Commands about queries that were asked: `query …`. Owns their flags and help. */
import type { Command } from 'commander';
import { all } from './devnet-tree.ts';

const RPC = ['--rpc <url>', 'node to talk to (also: SYNOD_RPC_URL)'] as const;
const QUERY_EXAMPLES = 'Examples:\n  synod query show 0x90e3…48bf\n  synod query show 0x90e3…48bf --json\n';
const JSON_FLAG = ['--json', 'one JSON object'] as const;

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
    .option(...JSON_FLAG)
    .action(async (id, _flags, command) => (await import('../commands/query-show.ts')).runQueryShow(id, all(command)));
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
