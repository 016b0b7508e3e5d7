/** Commands of keys and safe signing: `init`, `key …`, `slashing-protection …`, `signer`. Owns their flags and help. */
import type { Command } from 'commander';
import { all } from './flags.ts';

const JSON_FLAG = ['--json', 'one JSON object'] as const;
const PASSWORD = ['--password-file <file>', 'holds the password of the keystore; - for standard input'] as const;
const OUT = [
  '--out <file>',
  'keystore to write; never overwritten (default: in the folder that "synod key list" lists)',
] as const;
const KDF = ['--kdf <name>', 'how the password is stretched: scrypt or pbkdf2', 'scrypt'] as const;

export function addKeyCommands(program: Command): void {
  addInit(program);
  addKey(program);
  addProtection(program);
}

/** Gives every command that takes a key file the password of one that is a keystore. */
export function addPasswordFiles(command: Command): void {
  const flags = command.options.map(({ long }) => long);
  for (const [key, password] of [
    ['--key-file', '--password-file'],
    ['--payer-key-file', '--payer-password-file'],
  ] as const) {
    if (!flags.includes(key) || flags.includes(password)) continue;
    command.option(`${password} <file>`, `of a ${key} that is a keystore; - for standard input`);
  }
  for (const child of command.commands) addPasswordFiles(child);
}

function addInit(program: Command): void {
  program
    .command('init')
    .description(
      "Make a node's home with new keys, for a chain that is there: prints its words once, and what to do next.",
    )
    .addHelpText(
      'before',
      'Examples:\n  synod init --home ./my-node --chain genesis.json\n  synod init --home ./my-node --join http://127.0.0.1:9545 --checkpoint 1200@0x3f…\n  synod init --home ./my-node --chain genesis.json --mnemonic-file words.txt --account 1\n',
    )
    .option('--home <folder>', 'to make; one that exists is refused (default: in the data folder, by the chain)')
    .option('--chain <file>', "the chain's genesis.json")
    .option('--join <url>', 'a node that runs, instead: its genesis under the checkpoint, and its addresses')
    .option('--checkpoint <height@hash>', 'a block that you trust, from elsewhere; "synod status" prints one')
    .option('--trust-genesis', 'a checkpoint at height 0 will do')
    .option('--mnemonic-file <file>', 'words that are there already; - for standard input (default: new ones)')
    .option('--account <n>', 'which account of the words operates this validator', '0')
    .option('--name <name>', 'of the node, in its log (default: node)')
    .option('--rpc-port <port>', 'for JSON-RPC (default 9645); peers use the next one')
    .option('--p2p-port <port>', 'for peers')
    .option(...JSON_FLAG)
    .action(async (_flags, command) => (await import('../commands/init.ts')).runInit(all(command)));
}

function addKey(program: Command): void {
  const key = program
    .command('key')
    .description('Keys: made from words, kept in keystores that open with a password.')
    .addHelpText(
      'before',
      'Examples:\n  synod key new --password-file password.txt\n  synod key list\n  synod key show operator.json --password-file password.txt\n',
    );
  place(key.command('new'))
    .description('Draw words, show them once, and keep the key in a keystore (EIP-2335).')
    .addHelpText(
      'before',
      'Examples:\n  synod key new --password-file password.txt --out operator.json\n  synod key new --password-file - --use expert --index 1 < password.txt\n',
    )
    .option(...PASSWORD)
    .option(...OUT)
    .option(...KDF)
    .option(...JSON_FLAG)
    .action(async (_flags, command) => (await import('../commands/key-new.ts')).runKeyNew(all(command)));
  place(key.command('import <file>'))
    .description('Keep a key that is there in a keystore: of words, of a plain key file, or of another keystore.')
    .addHelpText(
      'before',
      'Examples:\n  synod key import words.txt --password-file password.txt --out operator.json\n  synod key import old.json --source-password-file old.txt --password-file new.txt --out new.json\n',
    )
    .option(...PASSWORD)
    .option('--source-password-file <file>', 'of the keystore that is imported; - for standard input')
    .option(...OUT)
    .option(...KDF)
    .option(...JSON_FLAG)
    .action(async (file, _flags, command) => (await import('../commands/key-new.ts')).runKeyImport(file, all(command)));
  key
    .command('export <file>')
    .description('Write the key of a keystore in the open, to a file for you alone.')
    .addHelpText(
      'before',
      'Examples:\n  synod key export operator.json --password-file password.txt --out plain.json\n',
    )
    .option(...PASSWORD)
    .option('--out <file>', 'file to write; never overwritten')
    .option(...JSON_FLAG)
    .action(async (file, _flags, command) => (await import('../commands/key-new.ts')).runKeyExport(file, all(command)));
  key
    .command('list [folder]')
    .description('Keys of a folder, or of a home: public keys and addresses only.')
    .addHelpText(
      'before',
      'Examples:\n  synod key list\n  synod key list ./keys --json\n  synod key list --home ./my-node\n',
    )
    .option('--home <folder>', 'of a node')
    .option(...JSON_FLAG)
    .action(async (folder, _flags, command) =>
      (await import('../commands/key-show.ts')).runKeyList(folder, all(command)),
    );
  key
    .command('show <file>')
    .description('What a key file says of itself; with a password, whether it opens.')
    .addHelpText(
      'before',
      'Examples:\n  synod key show operator.json\n  synod key show operator.json --password-file password.txt --json\n',
    )
    .option(...PASSWORD)
    .option(...JSON_FLAG)
    .action(async (file, _flags, command) => (await import('../commands/key-show.ts')).runKeyShow(file, all(command)));
}

function addProtection(program: Command): void {
  const protection = program
    .command('slashing-protection')
    .description('What keys signed last: taken from one home to another, so that no key signs twice.')
    .addHelpText(
      'before',
      'Examples:\n  synod slashing-protection show --home ./my-node\n  synod slashing-protection export --home ./old --out record.json\n  synod slashing-protection import record.json --home ./new\n',
    );
  protection
    .command('show')
    .description('The last signature of each key of a home.')
    .addHelpText('before', 'Examples:\n  synod slashing-protection show --home ./my-node --json\n')
    .requiredOption('--home <folder>', 'of a node or a signer')
    .option(...JSON_FLAG)
    .action(async (_flags, command) =>
      (await import('../commands/slashing-protection.ts')).runProtectionShow(all(command)),
    );
  protection
    .command('export')
    .description('Write the record of every key of a home; its node must have stopped, for good.')
    .addHelpText('before', 'Examples:\n  synod slashing-protection export --home ./old --out record.json\n')
    .requiredOption('--home <folder>', 'of a node or a signer')
    .option('--out <file>', 'file to write; never overwritten (default: standard output)')
    .option('--minimal', 'heights only: the next home then skips the last height whole')
    .option(...JSON_FLAG)
    .action(async (_flags, command) =>
      (await import('../commands/slashing-protection.ts')).runProtectionExport(all(command)),
    );
  protection
    .command('import <file>')
    .description('Raise the records of a home to those of a file; nothing is ever lowered.')
    .addHelpText('before', 'Examples:\n  synod slashing-protection import record.json --home ./new\n')
    .requiredOption('--home <folder>', 'of a node or a signer that is stopped')
    .option(...JSON_FLAG)
    .action(async (file, _flags, command) =>
      (await import('../commands/slashing-protection.ts')).runProtectionImport(file, all(command)),
    );
}

/** Which key of the words. */
function place(command: Command): Command {
  return command
    .option('--use <use>', 'what it is for: account, consensus, vrf, network or expert', 'account')
    .option('--account <n>', 'which account of the words', '0')
    .option('--index <n>', 'which key of that use below the account');
}
