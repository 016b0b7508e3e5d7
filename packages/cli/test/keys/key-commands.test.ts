/** `synod key …` and `synod init` as real processes: what they write, print once, and refuse. */
import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { addressOf, deriveKey, genesisToJson, mnemonicToSeed, publicKeyOf, SynodError } from '@synod/chain';
import { Lab } from '../../../node/test/host/lab.ts';
import { initHome } from '../../src/commands/init.ts';
import { readCheckpoint } from '../../src/join/checkpoint.ts';
import { readKeyFile } from '../../src/keys/key-file.ts';
import { readPassword } from '../../src/keys/password.ts';
import { readSecretFile } from '../../src/keys/secret-file.ts';
import { readNodeHome } from '../../src/node-home.ts';
import { signerKey } from '../../src/rpc/signer-key.ts';
import { synod } from '../command.ts';
import { serveLab } from '../lab-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'synod-keys-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const secretFile = (name: string, text: string): string => {
  const file = join(folder, name);
  writeFileSync(file, text, { mode: 0o600 });
  return file;
};
const password = secretFile('password.txt', 'a long password\n');
const KDF = ['--kdf', 'pbkdf2'];

/** All of them: one word alone may stand in any text. */
const tellsWords = (text: string, mnemonic: string): boolean =>
  mnemonic.split(' ').every((word) => text.includes(word));

test('a key is made, shown, used and exported; its words give it again', { timeout: 60_000 }, async () => {
  const out = join(folder, 'operator.json');
  const made = await synod(['key', 'new', '--password-file', password, '--out', out, ...KDF, '--json']);
  assert.equal(made.code, 0, made.stderr);
  const { mnemonic, address, path } = JSON.parse(made.stdout);
  assert.equal(path, "m/44'/7966'/0'");
  assert.equal(address, addressOf(publicKeyOf(deriveKey(mnemonicToSeed(mnemonic), path))));
  assert.equal(statSync(out).mode & 0o777, 0o600);
  const text = readFileSync(out, 'utf8');
  assert.ok(!tellsWords(text, mnemonic), 'the keystore holds no words');
  assert.equal(signerKey({ keyFile: out, passwordFile: password }, null).address, address);
  assert.throws(() => signerKey({ keyFile: out }, null), { code: 'PASSWORD_REQUIRED', message: /--password-file/ });

  const again = await synod(['key', 'new', '--password-file', password, '--out', out, '--json']);
  assert.match(again.stderr, /FILE_EXISTS/);
  assert.equal(readFileSync(out, 'utf8'), text);

  const wrong = secretFile('wrong.txt', 'another password');
  const shown = await synod(['key', 'show', out, '--password-file', wrong]);
  assert.deepEqual([shown.code, shown.stdout], [1, '']);
  assert.match(shown.stderr, /does not open with this password/);
  const right = await synod(['key', 'show', out, '--password-file', '-'], Buffer.from('a long password'));
  assert.equal(right.code, 0, right.stderr);
  assert.match(right.stdout, /opens it/);

  const words = secretFile('words.txt', `${mnemonic}\n`);
  const derived = ['--use', 'expert', '--index', '2', '--out', join(folder, 'expert.json')];
  const imported = await synod(['key', 'import', words, '--password-file', password, ...KDF, ...derived, '--json']);
  assert.equal(imported.code, 0, imported.stderr);
  const expert = deriveKey(mnemonicToSeed(mnemonic), "m/44'/7966'/0'/4'/2'");
  assert.equal(JSON.parse(imported.stdout).publicKey, publicKeyOf(expert));
  assert.deepEqual(readKeyFile(join(folder, 'expert.json'), password).seed, expert);

  const plain = join(folder, 'plain.json');
  const exported = await synod(['key', 'export', out, '--password-file', password, '--out', plain]);
  assert.equal(exported.code, 0, exported.stderr);
  assert.deepEqual([readKeyFile(plain).address, statSync(plain).mode & 0o777], [address, 0o600]);
  assert.ok(!exported.stdout.includes(JSON.parse(readFileSync(plain, 'utf8')).privateKey));

  const keys = join(folder, 'kept');
  mkdirSync(keys);
  for (const name of ['operator.json', 'expert.json'])
    writeFileSync(join(keys, name), readFileSync(join(folder, name)), { mode: 0o600 });
  writeFileSync(join(keys, 'broken.json'), '{', { mode: 0o600 });
  const listed = await synod(['key', 'list', keys, '--json']);
  const found = JSON.parse(listed.stdout).keys.map(
    ({ use, problem }: { use: string | null; problem: string | null }) => [use, problem === null],
  );
  assert.deepEqual(found, [
    [null, false],
    ['expert', true],
    ['account', true],
  ]);
});

test('what is short, missing, open, linked, somebody else’s or no file is refused with one error', () => {
  const code = (run: () => unknown): string => {
    try {
      run();
    } catch (error) {
      if (error instanceof SynodError) return error.code;
      throw error;
    }
    return 'none';
  };
  const open = secretFile('open.txt', 'x');
  chmodSync(open, 0o640);
  const link = join(folder, 'link.txt');
  symlinkSync(password, link);
  assert.equal(
    code(() => readSecretFile(open, '')),
    'KEY_FILE_OPEN',
  );
  assert.equal(
    code(() => readSecretFile(link, '')),
    'KEY_FILE_UNSAFE',
  );
  assert.equal(
    code(() => readSecretFile(folder, '')),
    'KEY_FILE_UNSAFE',
  );
  assert.equal(
    code(() => readSecretFile(join(folder, 'none'), '')),
    'KEY_FILE_MISSING',
  );
  assert.equal(
    code(() => readSecretFile(secretFile('large', 'x'.repeat(100_000)), '')),
    'KEY_FILE_INVALID',
  );
  assert.equal(
    code(() => readPassword(secretFile('empty', '\n\u0007'))),
    'PASSWORD_EMPTY',
  );
  assert.equal(
    code(() => readKeyFile(secretFile('damaged', '{'))),
    'FILE_DAMAGED',
  );
  assert.equal(
    code(() => readKeyFile(secretFile('none.json', 'null'))),
    'KEY_FILE_INVALID',
  );
  assert.equal(
    code(() => readKeyFile(secretFile('half.json', '{"crypto":{}}'))),
    'KEYSTORE_DAMAGED',
  );
  // Only the superuser can have files that belong to somebody else here.
  const own = process.getuid?.();
  if (own !== undefined) {
    const getuid = process.getuid;
    process.getuid = () => own + 1;
    try {
      assert.equal(
        code(() => readSecretFile(password, '')),
        'KEY_FILE_UNSAFE',
      );
    } finally {
      process.getuid = getuid!;
    }
  }
});

test('passwords come from files and pipes, and a weak one is refused', { timeout: 60_000 }, async () => {
  const cases: readonly [string, RegExp, readonly string[], string?][] = [
    ['none', /PASSWORD_REQUIRED/, []],
    ['short', /PASSWORD_SHORT/, ['--password-file', '-'], 'short\n'],
    ['almost', /PASSWORD_SHORT/, ['--password-file', '-'], '7-chars\n'],
    ['empty', /PASSWORD_EMPTY/, ['--password-file', '-'], '\n'],
    ['use', /--use \\"money\\"/, ['--use', 'money', '--password-file', password]],
    ['kdf', /--kdf \\"md5\\"/, ['--kdf', 'md5', '--password-file', password]],
    ['index', /--account/, ['--index', '1', '--password-file', password]],
  ];
  const out = join(folder, 'refused.json');
  for (const [name, message, flags, input = ''] of cases) {
    const ended = await synod(['key', 'new', '--out', out, ...flags, '--json'], Buffer.from(input));
    assert.notEqual(ended.code, 0, name);
    assert.match(ended.stderr, message, name);
  }
  assert.ok(!existsSync(out));
  const enough = ['--out', out, '--kdf', 'pbkdf2', '--password-file', '-'];
  assert.equal((await synod(['key', 'new', ...enough], Buffer.from('8-chars!\n'))).code, 0);
});

test('init makes a whole home from words once, and leaves one that exists alone', { timeout: 60_000 }, async () => {
  const { genesis } = new Lab({ validators: 1 });
  const chain = join(folder, 'genesis.json');
  writeFileSync(chain, JSON.stringify(genesisToJson(genesis)));
  const home = join(folder, 'home');
  const made = await synod(['init', '--home', home, '--chain', chain, '--json']);
  assert.equal(made.code, 0, made.stderr);
  const { mnemonic, operator } = JSON.parse(made.stdout);
  const { keys, node } = readNodeHome(home);
  const seed = mnemonicToSeed(mnemonic);
  assert.deepEqual(keys.consensusSeed, deriveKey(seed, "m/44'/7966'/0'/1'/0'"));
  assert.deepEqual(keys.vrfSeed, deriveKey(seed, "m/44'/7966'/0'/2'/0'"));
  assert.equal(keys.operator, operator);
  assert.equal(operator, addressOf(publicKeyOf(deriveKey(seed, "m/44'/7966'/0'"))));
  assert.equal(node.rpc.port, 9645);
  for (const name of ['genesis.json', 'sign-state', 'sign-state.exists']) assert.ok(existsSync(join(home, name)), name);
  assert.equal(statSync(home).mode & 0o777, 0o700);
  const held = readFileSync(join(home, 'keys.json'), 'utf8');
  assert.ok(tellsWords(made.stdout, mnemonic) && !tellsWords(held, mnemonic));

  const [named, told] = await Promise.all([synod(['key', 'list', home]), synod(['key', 'list', '--home', home])]);
  assert.match(told.stdout, /^operator +syn1/);
  assert.equal(named.stdout, told.stdout, 'a home is known as one');
  const again = await synod(['init', '--home', home, '--chain', chain]);
  assert.match(again.stderr, /is there already and is left as it is/);
  assert.equal(readFileSync(join(home, 'keys.json'), 'utf8'), held);

  const words = secretFile('init-words.txt', mnemonic);
  const second = join(folder, 'second');
  const same = await synod(['init', '--home', second, '--chain', chain, '--mnemonic-file', words]);
  assert.equal(same.code, 0, same.stderr);
  assert.match(same.stdout, /may have signed before[\s\S]*slashing-protection import/);
  assert.ok(!tellsWords(same.stdout, mnemonic), 'given words are not shown');
  const inJson = await initHome({ json: true, debug: false, home: join(folder, 'json'), chain, mnemonicFile: words });
  assert.ok(!tellsWords(JSON.stringify(inJson), mnemonic));
  assert.deepEqual(readNodeHome(second).keys.consensusSeed, keys.consensusSeed);
  const other = await synod([
    'init',
    '--home',
    join(folder, 'third'),
    '--chain',
    chain,
    '--mnemonic-file',
    words,
    '--account',
    '1',
  ]);
  assert.equal(other.code, 0, other.stderr);
  assert.notDeepEqual(readNodeHome(join(folder, 'third')).keys.consensusSeed, keys.consensusSeed);

  for (const flags of [
    [],
    ['--chain', chain, '--join', 'http://127.0.0.1:9'],
    ['--chain', join(folder, 'none.json')],
  ]) {
    const refused = await synod(['init', '--home', join(folder, 'never'), ...flags]);
    assert.notEqual(refused.code, 0);
    assert.ok(!existsSync(join(folder, 'never')));
  }
  const bad = secretFile('bad-words.txt', 'one two three');
  const invalid = await synod(['init', '--home', join(folder, 'never'), '--chain', chain, '--mnemonic-file', bad]);
  assert.match(invalid.stderr, /unknown word/);
});

test('init takes genesis and addresses of a running node, under a checkpoint from elsewhere', async (t) => {
  const { lab, url, run } = await serveLab(t, {});
  run(() => lab.heightEverywhere() >= 3);
  const { hash } = lab.nodes[0]!.store.block(2)!;
  const home = join(folder, 'joined');
  const flags = { json: false, debug: false, home, join: url };
  await assert.rejects(initHome(flags), { code: 'CHECKPOINT_REQUIRED' });
  await assert.rejects(initHome({ ...flags, checkpoint: `2@0x${'ab'.repeat(32)}` }), { code: 'CHECKPOINT_MISMATCH' });
  assert.ok(!existsSync(home), 'nothing is written before it is known what to trust');
  const { lines } = await initHome({ ...flags, checkpoint: `2@0x${hash}`, rpcPort: '9777' });
  const { node } = readNodeHome(home);
  assert.deepEqual(node.p2p, {
    listen: '/ip4/127.0.0.1/tcp/9778',
    bootstrap: ['/ip4/127.0.0.1/tcp/9546/p2p/12D3KooWSf238mZkuDTN9iYfFwdKfUt79igcDLbGNyxErkoX8BJr'],
  });
  assert.deepEqual(readCheckpoint(home), { height: 2, hash });
  assert.match(lines.join('\n'), /shown this once[\s\S]*start --home[\s\S]*validator create/);
});
