/** A dumped state comes back byte for byte; what was damaged, cut off, made by others or leads elsewhere is refused whole. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { STATE_FORMAT } from '../../src/devnet/chain-file.ts';
import { packState, unpackState } from '../../src/devnet/state-file.ts';

const genesisHash = `0x${'ab'.repeat(32)}`;
const facts = {
  name: 'one',
  version: '0.1.0',
  stateFormat: STATE_FORMAT,
  chainId: 'synod-dev-test',
  genesisHash,
  height: 7,
  nodes: ['val-0'],
  takenAt: '2026-01-01T00:00:00.000Z',
};
const contents: Readonly<Record<string, Uint8Array>> = {
  'chain.json': Buffer.from('{}'),
  'val-0/keys.json': Buffer.from('secret'),
  'val-0/chain/000001.log': Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 31) % 251)),
  'val-0/chain/LOCK': Buffer.alloc(0),
};

function temporary(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'synod-state-'));
  context.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

async function packed(context: TestContext) {
  const folder = temporary(context);
  const from = join(folder, 'from');
  for (const [path, bytes] of Object.entries(contents)) {
    mkdirSync(join(from, path, '..'), { recursive: true });
    writeFileSync(join(from, path), bytes, { mode: path.endsWith('keys.json') ? 0o600 : 0o644 });
  }
  writeFileSync(join(from, 'snapshot.json'), JSON.stringify(facts));
  const file = join(folder, 'state.synod');
  return { folder, file, packed: await packState(from, file) };
}

/** A file with this list and nothing in it, and a hash that fits. */
function handmade(file: string, files: unknown, magic = 'synod devnet state 1\n'): void {
  const manifest = `${JSON.stringify({ snapshot: facts, files })}\n`;
  const bytes = Buffer.concat([Buffer.from(magic + manifest), gzipSync('')]);
  writeFileSync(file, Buffer.concat([bytes, createHash('sha256').update(bytes).digest()]));
}

test('what was packed comes back, secrets as secret as they were', async (context) => {
  const { folder, file, packed: told } = await packed(context);
  const bytes = readFileSync(file);
  assert.equal(told.bytes, bytes.length);
  assert.equal(told.sha256, createHash('sha256').update(bytes.subarray(0, -32)).digest('hex'));
  assert.equal(statSync(file).mode & 0o077, 0, 'it holds keys');
  const to = join(folder, 'to');
  assert.deepEqual(await unpackState(file, to, genesisHash), facts);
  for (const [path, expected] of Object.entries(contents))
    assert.deepEqual(readFileSync(join(to, path)), expected, path);
  assert.equal(statSync(join(to, 'val-0/keys.json')).mode & 0o777, 0o600);
});

test('a byte changed anywhere, or missing, is noticed before anything is written', async (context) => {
  const { folder, file } = await packed(context);
  const whole = readFileSync(file);
  const to = join(folder, 'to');
  const cuts = [whole.subarray(0, -1), whole.subarray(0, 40), whole.subarray(0, 5), Buffer.alloc(0)];
  const flipped = [600, Math.floor(whole.length / 2), whole.length - 40, whole.length - 1].map((at) => {
    const copy = Buffer.from(whole);
    copy[at]! ^= 1;
    return copy;
  });
  for (const bytes of [...cuts, ...flipped]) {
    writeFileSync(file, bytes);
    await assert.rejects(unpackState(file, to, null), { code: 'FILE_DAMAGED' });
    assert.ok(!existsSync(to));
  }
  await assert.rejects(unpackState(join(folder, 'nothing'), to, null), { code: 'NOT_FOUND' });
});

test('another version, another chain, and lists that lead elsewhere are refused', async (context) => {
  const { folder, file } = await packed(context);
  const to = join(folder, 'to');
  await assert.rejects(unpackState(file, to, `0x${'cd'.repeat(32)}`), { code: 'DATA_DIR_OTHER_CHAIN' });
  handmade(file, [], 'synod devnet state 2\n');
  await assert.rejects(unpackState(file, to, null), { code: 'STATE_FORMAT' });
  handmade(file, [], 'something else here 1\n');
  await assert.rejects(unpackState(file, to, null), { code: 'FILE_DAMAGED' });
  for (const path of ['../x', '/etc/x', 'val-0/../../x', 'val-0', 'val-0/', 'other/x', 'val-0/./x', 'val-0/a\nb']) {
    handmade(file, [{ path, bytes: 0, mode: 0o600 }]);
    await assert.rejects(unpackState(file, to, null), { code: 'FILE_DAMAGED' }, path);
  }
  for (const files of [
    null,
    [null],
    [{ path: 'val-0/x', bytes: -1, mode: 0 }],
    [{ path: 'val-0/x', bytes: 1e18, mode: 0 }],
  ]) {
    handmade(file, files);
    await assert.rejects(unpackState(file, to, null), { code: 'FILE_DAMAGED' });
  }
  handmade(file, [{ path: 'val-0/x', bytes: 5, mode: 0o600 }]);
  await assert.rejects(unpackState(file, to, null), { code: 'FILE_DAMAGED' }, 'fewer bytes than the list says');
});
