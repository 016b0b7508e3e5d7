/** Backups: a node's identity there and back, what a restoration must never do, and every way in which a file can be wrong. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { listSignStates } from '@synod/node/signing';
import { type Backup, decodeBackup, encodeBackup } from '../../src/operating/backup-file.ts';
import { readHomeForBackup, readRestoredHeight, restoreHome } from '../../src/operating/home-backup.ts';
import type { SpendKey } from '../../src/spending/ledger.ts';
import { spendFileOf } from '../../src/spending/spend-file.ts';
import { synod } from '../command.ts';
import { startNode, temporaryFolder, validatorHome } from './home.ts';

const options = { replace: false, keepSpendKeys: false, nowMs: 1_000_000 };

const height = (home: string) => listSignStates(home)[0]?.state.height;

/** A validator that has signed up to this height and is stopped. */
async function signedUpTo(t: TestContext, home: string, halt: number): Promise<void> {
  const node = startNode(t, home, ['--halt-height', String(halt)]);
  assert.equal((await node.ended).code, 0, node.said());
}

test('keys, settings, genesis and signing record come back in another folder, and a signing record is never lowered', {
  timeout: 240_000,
}, async (t) => {
  const { home } = validatorHome(t);
  await signedUpTo(t, home, 3);
  const out = join(temporaryFolder(t), 'one.backup');
  const made = await synod(['backup', 'create', '--home', home, '--out', out, '--json']);
  assert.equal(made.code, 0, made.stderr);
  assert.equal(statSync(out).mode & 0o077, 0);
  const { files } = JSON.parse(made.stdout);
  for (const file of ['genesis.json', 'keys.json', 'node.json', 'sign-state']) assert.ok(files.includes(file), file);
  assert.ok(
    files.every((file: string) => !/^(chain|wal|admin|node\.lock)/.test(file)),
    files.join(),
  );
  assert.match((await synod(['backup', 'create', '--home', home, '--out', out])).stderr, /exists already/);

  const elsewhere = join(temporaryFolder(t), 'new');
  const restored = await synod(['backup', 'restore', out, '--home', elsewhere]);
  assert.equal(restored.code, 0, restored.stderr);
  assert.match(restored.stdout, /nothing up to height 3 is signed again/);
  assert.match(restored.stdout, /Two nodes that sign with one key are slashed/);
  for (const file of ['genesis.json', 'keys.json', 'node.json'])
    assert.deepEqual(readFileSync(join(elsewhere, file)), readFileSync(join(home, file)), file);
  assert.equal(statSync(join(elsewhere, 'keys.json')).mode & 0o077, 0);
  assert.equal(height(elsewhere), 3);
  assert.deepEqual([readRestoredHeight(elsewhere), readRestoredHeight(home)], [3, 0]);
  assert.ok(existsSync(join(elsewhere, 'sign-state.exists')), 'a later loss of the record is noticed');

  // The node went on; its own record is newer than the backup's.
  await signedUpTo(t, home, 6);
  const before = readFileSync(join(home, 'sign-state'));
  const again = await synod(['backup', 'restore', out, '--home', home]);
  assert.equal(again.code, 0, again.stderr);
  assert.match(again.stdout, /the record here is as new or newer \(height 6\) and stays/);
  assert.deepEqual(readFileSync(join(home, 'sign-state')), before);

  // A record that was lost is not made up from an older copy.
  rmSync(join(home, 'sign-state'));
  const lost = await synod(['backup', 'restore', out, '--home', home]);
  assert.equal(lost.code, 10, lost.stdout);
  assert.match(lost.stderr, /missing although it was written before/);
});

test('nothing is restored over a node that runs, over other settings, or into another chain', {
  timeout: 180_000,
}, async (t) => {
  const { home } = validatorHome(t);
  const backup = readHomeForBackup(home, '2026-01-01T00:00:00.000Z');
  const out = join(temporaryFolder(t), 'one.backup');
  writeFileSync(out, encodeBackup(backup, null), { mode: 0o600 });
  const node = startNode(t, home);
  await node.saying(/node serves requests/);
  const running = await synod(['backup', 'restore', out, '--home', home]);
  assert.match(running.stderr, /already runs a node/);
  node.process.kill('SIGTERM');
  await node.ended;

  const changed = readFileSync(join(home, 'node.json'), 'utf8').replace('"one"', '"two"');
  writeFileSync(join(home, 'node.json'), changed);
  assert.throws(() => restoreHome(backup, home, options), {
    code: 'FILE_EXISTS',
    message: /node\.json in .* --yes/,
  });
  assert.equal(readFileSync(join(home, 'node.json'), 'utf8'), changed);
  assert.deepEqual(restoreHome(backup, home, { ...options, replace: true }).written, ['node.json']);
  assert.match(readFileSync(join(home, 'node.json'), 'utf8'), /"one"/);

  const other = validatorHome(t).home;
  assert.throws(() => restoreHome({ ...backup, genesisHash: 'ab'.repeat(32) }, other, { ...options, replace: true }), {
    code: 'BACKUP_OTHER_CHAIN',
  });
});

test('a spend key that only a backup knows is revoked, and one that the home knows never gets its money back', async (t) => {
  const { home, operator } = validatorHome(t);
  const key = (name: string, more: Partial<SpendKey> = {}): SpendKey => ({
    id: `spend-${name}`,
    name,
    hash: createHash('sha256').update(name).digest('hex'),
    account: operator,
    budget: 100n,
    spent: 10n,
    reservations: [],
    paid: [],
    feedback: [],
    createdAtMs: 1,
    expiresAtMs: null,
    revokedAtMs: null,
    ...more,
  });
  const book = spendFileOf(home);
  const keys = [
    key('used'),
    key('old', { expiresAtMs: 2 }),
    key('gone', { revokedAtMs: 3 }),
    key('less', { spent: 90n }),
  ];
  book.save(keys);
  const out = join(temporaryFolder(t), 'one.backup');
  assert.equal((await synod(['backup', 'create', '--home', home, '--out', out])).code, 0);
  const shown = (of: string) =>
    spendFileOf(of)
      .load()
      .map(({ name, spent, revokedAtMs }) => `${name} ${spent} ${revokedAtMs === null ? 'open' : 'revoked'}`);

  const fresh = join(temporaryFolder(t), 'fresh');
  const restored = await synod(['backup', 'restore', out, '--home', fresh]);
  assert.equal(restored.code, 0, restored.stderr);
  assert.match(restored.stdout, /Spend keys revoked, .*: used, less\n.*spend-key new/);
  assert.deepEqual(shown(fresh), ['used 10 revoked', 'old 10 open', 'gone 10 revoked', 'less 90 revoked']);
  assert.equal(statSync(join(fresh, 'spend-keys.json')).mode & 0o077, 0);

  const moved = join(temporaryFolder(t), 'moved');
  const kept = await synod(['backup', 'restore', out, '--home', moved, '--keep-spend-keys', '--json']);
  assert.deepEqual(JSON.parse(kept.stdout).spendKeys, { revoked: [], trusted: ['used', 'less'] });
  assert.deepEqual(shown(moved), ['used 10 open', 'old 10 open', 'gone 10 revoked', 'less 90 open']);

  // The node went on: its book knows more, of one key less, and has a key of which the backup knows nothing.
  book.save([key('used', { spent: 70n }), key('less', { spent: 20n }), key('new')]);
  const again = await synod(['backup', 'restore', out, '--home', home]);
  assert.equal(again.code, 0, again.stderr);
  assert.doesNotMatch(again.stdout, /Spend keys/);
  assert.deepEqual(shown(home), ['used 70 open', 'less 90 open', 'new 10 open', 'old 10 open', 'gone 10 revoked']);

  const damaged = readHomeForBackup(home, '2026-01-01T00:00:00.000Z');
  const entries = damaged.entries.map((one) =>
    one.path === 'spend-keys.json' ? { ...one, bytes: Buffer.from('{}') } : one,
  );
  const before = shown(home);
  assert.throws(() => restoreHome({ ...damaged, entries }, home, { ...options, replace: true }), {
    code: 'FILE_DAMAGED',
    message: /spend-keys\.json of the backup/,
  });
  assert.deepEqual(shown(home), before);
});

test('a sealed backup opens with its password alone', { timeout: 180_000 }, async (t) => {
  const { home } = validatorHome(t);
  const folder = temporaryFolder(t);
  const [out, right, wrong] = ['sealed.backup', 'right.txt', 'wrong.txt'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(right, 'correct horse battery\n', { mode: 0o600 });
  writeFileSync(wrong, 'something else\n', { mode: 0o600 });
  const made = await synod(['backup', 'create', '--home', home, '--out', out, '--password-file', right]);
  assert.equal(made.code, 0, made.stderr);
  assert.doesNotMatch(made.stdout, /in the clear/);
  const keys = readFileSync(join(home, 'keys.json'), 'utf8');
  assert.ok(!readFileSync(out, 'utf8').includes(Buffer.from(keys).toString('base64').slice(0, 40)));
  const into = join(folder, 'new');
  assert.match((await synod(['backup', 'restore', out, '--home', into])).stderr, /needs its password/);
  assert.match(
    (await synod(['backup', 'restore', out, '--home', into, '--password-file', wrong])).stderr,
    /does not open/,
  );
  assert.ok(!existsSync(into));
  const restored = await synod(['backup', 'restore', out, '--home', into, '--password-file', right]);
  assert.equal(restored.code, 0, restored.stderr);
  assert.equal(readFileSync(join(into, 'keys.json'), 'utf8'), keys);
});

test('a sealed backup chooses neither how much work its reader does nor how it is opened', (t) => {
  const password = Buffer.from('correct horse');
  const sealed = encodeBackup(readHomeForBackup(validatorHome(t).home, '2026-01-01T00:00:00.000Z'), password);
  const body = JSON.parse(Buffer.from(sealed).toString());
  for (const change of [
    { n: 2 ** 24 },
    { n: 2 },
    { r: 1_024 },
    { p: 64 },
    { kdf: 'none' },
    { cipher: 'aes-256-ctr' },
  ]) {
    const file = Buffer.from(JSON.stringify({ ...body, sealing: { ...body.sealing, ...change } }));
    const read = () => decodeBackup(file, { name: 'x', password: () => password });
    assert.throws(read, { code: 'BACKUP_DAMAGED' }, JSON.stringify(change));
  }
});

test('a file that is no whole backup of this version is refused before anything changes', (t) => {
  const { home } = validatorHome(t);
  const backup = readHomeForBackup(home, '2026-01-01T00:00:00.000Z');
  const bytes = encodeBackup(backup, null);
  const read = (file: Uint8Array) => decodeBackup(file, { name: 'x', password: () => new Uint8Array() });
  assert.deepEqual(read(bytes), {
    ...backup,
    entries: backup.entries.map((one) => ({ ...one, bytes: Buffer.from(one.bytes) })),
  });
  const damaged = { code: 'BACKUP_DAMAGED' };
  for (const file of [Buffer.from(''), Buffer.from('{}'), Buffer.from('no'), bytes.subarray(0, -9)])
    assert.throws(() => read(file), damaged);
  const body = JSON.parse(Buffer.from(bytes).toString());
  const changed = (change: object) => Buffer.from(JSON.stringify({ ...body, ...change }));
  assert.throws(() => read(changed({ content: body.content.replace(/^..../, 'AAAA') })), damaged);
  assert.throws(() => read(changed({ head: { ...body.head, chainId: 'other' } })), damaged);
  assert.throws(() => read(changed({ formatVersion: 2 })), { code: 'BACKUP_VERSION' });
  const inner = JSON.parse(Buffer.from(body.content, 'base64').toString());
  inner.files[0].data = Buffer.from('other').toString('base64');
  const content = Buffer.from(JSON.stringify(inner));
  const fitting = { content: content.toString('base64'), sha256: createHash('sha256').update(content).digest('hex') };
  assert.throws(() => read(changed(fitting)), { ...damaged, message: /does not have its hash/ });
  const escaping = (path: string): Backup => ({ ...backup, entries: [{ path, mode: 0o600, bytes: Buffer.from('x') }] });
  for (const path of ['../x', '/etc/x', 'a/../../x', '', 'a\u0000b'])
    assert.throws(() => read(encodeBackup(escaping(path), null)), damaged);
  assert.ok(readdirSync(home).length > 0);
});
