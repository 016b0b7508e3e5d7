/** Going back to a snapshot leaves the old or the new state whole, wherever it is cut off. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { STATE_FORMAT } from '../../src/devnet/chain-file.ts';
import { type Layout, layoutOf } from '../../src/devnet/layout.ts';
import { decideRestore, finishRestore, stageRestore } from '../../src/devnet/restore-swap.ts';
import {
  listSnapshots,
  removePartialSnapshots,
  requireFit,
  requireName,
  requireNewName,
  requireSnapshot,
  writeSnapshot,
} from '../../src/devnet/snapshots.ts';

const nodes = ['val-0', 'val-1', 'val-2'];
const genesisHash = `0x${'ab'.repeat(32)}`;
const facts = { name: 'one', chainId: 'synod-dev-test', genesisHash, height: 7, nodes };

function write(file: string, text: string): void {
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text);
}

function state(layout: Layout, text: string): void {
  for (const node of nodes) {
    write(join(layout.directory, node, 'chain', '000001.log'), `${text} ${node}`);
    write(join(layout.directory, node, 'node.json'), `ports of ${text}`);
  }
  write(layout.chain, `chain of ${text}`);
}

const seen = (layout: Layout) => {
  return nodes.map((node) => readFileSync(join(layout.directory, node, 'chain', '000001.log'), 'utf8').split(' ')[0]);
};

async function saved(context: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), 'synod-swap-'));
  context.after(() => rmSync(directory, { recursive: true }));
  const layout = layoutOf(directory);
  state(layout, 'old');
  write(join(directory, 'val-0', 'node.lock'), 'a process');
  write(join(directory, 'val-0', 'fault-port.json'), 'a process');
  const folder = join(layout.snapshots, 'one');
  const snapshot = await writeSnapshot(layout, folder, facts);
  rmSync(join(directory, 'val-0', 'node.lock'));
  state(layout, 'new');
  return { layout, folder, snapshot };
}

test("a snapshot has the homes without what is a process's, and says what it is", async (context) => {
  const { layout, folder } = await saved(context);
  assert.ok(!existsSync(join(folder, 'val-0', 'node.lock')) && !existsSync(join(folder, 'val-0', 'fault-port.json')));
  const [listed, ...others] = listSnapshots(layout);
  assert.deepEqual([listed?.name, listed?.height, listed?.stateFormat, others.length], ['one', 7, STATE_FORMAT, 0]);
  assert.ok((listed?.bytes ?? 0) > 50);
  assert.throws(() => requireNewName(layout, 'one'), { code: 'SNAPSHOT_EXISTS' });
  assert.throws(() => requireSnapshot(layout, 'onr', genesisHash), { code: 'NOT_FOUND', message: /Did you mean one/ });
  assert.throws(() => requireSnapshot(layout, 'one', `0x${'cd'.repeat(32)}`), { code: 'DATA_DIR_OTHER_CHAIN' });
  for (const name of ['', '.', '..', '../x', 'a/b', '.hidden', 'a'.repeat(65), 'a b'])
    assert.throws(() => requireName(name), { code: 'NAME_INVALID' }, name);
});

test('before it is decided a restart finds the old state', async (context) => {
  const { layout, folder, snapshot } = await saved(context);
  await stageRestore(layout, folder, snapshot);
  assert.equal(finishRestore(layout), false);
  assert.deepEqual(seen(layout), ['new', 'new', 'new']);
  assert.ok(!existsSync(layout.staged));
});

test("once it is decided a restart ends it, whatever step it was cut off at; ports stay this start's", async (context) => {
  const { layout, folder, snapshot } = await saved(context);
  for (let done = 0; done <= nodes.length; done++) {
    state(layout, 'new');
    await stageRestore(layout, folder, snapshot);
    decideRestore(layout, snapshot);
    for (const node of nodes.slice(0, done)) {
      rmSync(join(layout.directory, node), { recursive: true });
      renameSync(join(layout.staged, node), join(layout.directory, node));
    }
    // Cut off in the middle of the next one.
    if (done < nodes.length) rmSync(join(layout.directory, nodes[done]!), { recursive: true });
    assert.equal(finishRestore(layout), true);
    assert.deepEqual(seen(layout), ['old', 'old', 'old'], `${done} nodes done`);
    assert.equal(readFileSync(join(layout.directory, 'val-2', 'node.json'), 'utf8'), 'ports of new');
    assert.equal(readFileSync(layout.chain, 'utf8'), 'chain of old');
    assert.ok(!existsSync(layout.restore) && !existsSync(layout.staged));
    assert.equal(finishRestore(layout), false, 'and only once');
  }
});

test('half a snapshot is removed by the next start', async (context) => {
  const { layout } = await saved(context);
  write(join(layout.snapshots, 'two.part', 'val-0', 'x'), 'half');
  removePartialSnapshots(layout);
  assert.ok(!existsSync(join(layout.snapshots, 'two.part')));
  assert.equal(listSnapshots(layout).length, 1);
});

test('a state of another version is refused, and names both', async (context) => {
  const { snapshot } = await saved(context);
  const other = { ...snapshot, stateFormat: STATE_FORMAT + 1, version: '9.9.9' };
  assert.throws(() => requireFit(other, genesisHash), {
    code: 'STATE_FORMAT',
    message: /9\.9\.9.*Nothing was changed/,
  });
});
