/**
 * Commands for those who trust a block and nothing else: `receipt`, `state proof`, `checkpoint`, `verify …`. Owns their flags
 * and help.
 */
import type { Command } from 'commander';
import { all, collect, DATA_DIR, JSON_FLAG, RPC } from './flags.ts';

const TRUST_FOR = ['--trust <height@hash>', 'a block its reader trusts: the way from there is put in'] as const;

export function addProofCommands(program: Command): void {
  program
    .command('receipt <id>')
    .description('The receipt of a query as a file that proves it without any node.')
    .addHelpText(
      'before',
      'Examples:\n  synod receipt 0x90e3…48bf --out receipt.json\n  synod receipt 0x90e3…48bf --trust 1200@0x3f… > receipt.json\n',
    )
    .option(...RPC)
    .option('--out <file>', 'write it there (default: standard output)')
    .option(...TRUST_FOR)
    .option(...JSON_FLAG)
    .action(async (id, _flags, command) => (await import('../commands/proofs.ts')).runReceipt(id, all(command)));
  program
    .command('checkpoint')
    .description('The newest block as HEIGHT@HASH, for others to trust; of several nodes, the newest they agree on.')
    .addHelpText(
      'before',
      'Examples:\n  synod checkpoint\n  synod checkpoint --rpc http://127.0.0.1:9545 --rpc http://127.0.0.1:9555\n',
    )
    .option('--rpc <url>', 'node to ask; may be given several times (also: SYNOD_RPC_URL)', collect)
    .option(...JSON_FLAG)
    .action(async (_flags, command) => (await import('../commands/proofs.ts')).runCheckpoint(all(command)));
  addStateCommands(program);
  addVerifyCommands(program);
}

function addStateCommands(program: Command): void {
  const examples =
    'Examples:\n  synod state proof account alice --out alice.json\n  synod state proof reputation/syn1…/general --height 120\n';
  program
    .command('state')
    .description('Records of the chain, with proofs.')
    .addHelpText('before', examples)
    .command('proof <key> [address]')
    .description(
      'A record, or its absence, as a file that proves it: a key, or account, expert or validator and an address.',
    )
    .addHelpText('before', examples)
    .option(...RPC)
    .option('--height <height>', 'after this block (default: the newest provable)')
    .option('--out <file>', 'write it there (default: standard output)')
    .option(...TRUST_FOR)
    .option(...DATA_DIR)
    .option(...JSON_FLAG)
    .action(async (key, address, _flags, command) =>
      (await import('../commands/proofs.ts')).runStateProof(key, address, all(command)),
    );
}

const VERIFY_EXAMPLES = `Examples:
  synod verify receipt receipt.json --trust 1200@0x3f…
  synod verify receipt receipt.json --trust 1200@0x3f… --rpc URL --rpc OTHER-URL
  synod verify proof alice.json --trust 1200@0x3f… --json
`;

const EXITS = `
Exit codes: 0 proven, 11 invalid, 12 cannot be decided (something is missing or too old), 13 an attack on the chain was found.
`;

function addVerifyCommands(program: Command): void {
  const verify = program
    .command('verify')
    .description('Check a file against a block you trust; no node is needed when the file has everything.')
    .addHelpText('before', VERIFY_EXAMPLES)
    .addHelpText('after', EXITS);
  const kinds = [
    ['receipt', 'A receipt made by "synod receipt".'],
    ['proof', 'A record made by "synod state proof", or the answer of state_getProof.'],
  ] as const;
  for (const [kind, description] of kinds) {
    verify
      .command(`${kind} <file>`)
      .description(description)
      .addHelpText('before', VERIFY_EXAMPLES)
      .addHelpText('after', EXITS)
      .requiredOption(
        '--trust <height@hash>',
        'the block you trust, as "synod checkpoint" of a node you trust prints it',
      )
      .option(
        '--trust-period <duration>',
        "how long a block may vouch for later ones (default: 256s, less where a node tells a shorter one of the chain's)",
      )
      .option('--rpc <url>', 'fetch missing blocks there, and compare; may be given several times', collect)
      .option('--chain <id>', 'refuse a file of any other chain')
      .option('--evidence <file>', 'where evidence of an attack is written (default: light-client-attack-HEIGHT.json)')
      .option(...JSON_FLAG)
      .action(async (file, _flags, command) =>
        kind === 'receipt'
          ? (await import('../commands/verify-receipt.ts')).runVerifyReceipt(file, all(command))
          : (await import('../commands/verify-proof.ts')).runVerifyProof(file, all(command)),
      );
  }
}
