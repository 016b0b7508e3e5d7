/** A whole node over real files: what it does when a disk is full, when it was away for long, and with a checkpoint. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Genesis, Hash } from '@synod/chain';
import { Level } from 'level';
import { pino } from 'pino';
import { FaultInjector, type FileOperations, NO_FAULTS, systemFiles } from '../src/adapters/index.ts';
import { heightKey } from '../src/adapters/store-format.ts';
import { trustingPeriodMs } from '../src/host/index.ts';
import { createNode, type NodeConfig, type RunningNode } from '../src/index.ts';
import { temporaryDirectory } from './adapters/temporary.ts';
import { singleValidator } from './single-validator.ts';

/** A chain of one validator, which decides alone; `said` resolves when its log says so. */
function alone(context: TestContext, more: Partial<Genesis> = {}) {
  const waiting = new Map<string, () => void>();
  const write = (line: string) => waiting.get(JSON.parse(line).msg)?.();
  const config = singleValidator({
    home: temporaryDirectory(context),
    log: pino({ level: 'warn' }, { write }),
    blockIntervalMs: 100,
    genesis: more,
  });
  const said = (message: string): Promise<void> => new Promise((resolve) => waiting.set(message, resolve));
  return { config, said };
}

/** A node that is stopped with the test at the latest. */
async function start(context: TestContext, config: NodeConfig): Promise<RunningNode> {
  const node = await createNode(config);
  let stopping: Promise<void> | null = null;
  const stop = () => {
    stopping ??= node.stop();
    return stopping;
  };
  context.after(stop);
  return { ...node, stop };
}

/** Resolves once the node has applied the block. */
function reached({ api }: RunningNode, height: number): Promise<void> {
  return new Promise((resolve) => {
    const look = () => api.status().head.height >= height && resolve();
    api.subscribe('newHeads', null, look);
    look();
  });
}

/** A disk on which files with this in their path grow no more once `isFull` is set. */
function fillable(part: string): { files: FileOperations; isFull: boolean } {
  const victims = new Set<number>();
  const disk = { isFull: false, files: systemFiles };
  const refuse = () => {
    if (disk.isFull) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  };
  const files: FileOperations = {
    ...systemFiles,
    openSync: (path, flags, mode) => {
      const descriptor = systemFiles.openSync(path, flags, mode);
      if (String(path).includes(part)) victims.add(descriptor);
      else victims.delete(descriptor);
      return descriptor;
    },
    writeSync: ((descriptor: number, ...rest: [Uint8Array]) => {
      if (victims.has(descriptor)) refuse();
      return systemFiles.writeSync(descriptor, ...rest);
    }) as FileOperations['writeSync'],
    promises: {
      ...systemFiles.promises,
      open: async (path, ...rest) => {
        if (String(path).includes(part)) refuse();
        return systemFiles.promises.open(path, ...rest);
      },
    },
  };
  return Object.assign(disk, { files });
}

test('a sign state that cannot be written ends the signing, says why, and signs again when there is room', async (context) => {
  const { config, said } = alone(context);
  const disk = fillable('sign-state');
  const node = await start(context, { ...config, files: disk.files });
  await reached(node, 2);
  const refused = said('signature refused');
  disk.isFull = true;
  await refused;
  const { role, roleReason, warnings } = node.api.status();
  assert.equal(role, 'observer');
  assert.match(roleReason ?? '', /signing state could not be written .*no space left/);
  assert.ok(warnings.some((warning) => warning.startsWith('This node does not sign: the signing state')));
  await node.stop();
  disk.isFull = false;
  const again = await start(context, { ...config, files: disk.files });
  assert.equal(again.api.status().role, 'validator');
  await reached(again, again.api.status().head.height + 1);
  await again.stop();
});

test('a log that cannot be written ends the node with one error, and nothing is lost', async (context) => {
  const { config } = alone(context);
  const disk = fillable('/wal');
  const node = await start(context, { ...config, files: disk.files });
  await reached(node, 2);
  disk.isFull = true;
  const error = await node.exited;
  assert.equal('code' in error && error.code, 'WAL_WRITE_FAILED');
  assert.match(error.message, /no space left.*Free disk space.*start the node again/);
  await node.stop();
  disk.isFull = false;
  const again = await start(context, { ...config, files: disk.files });
  assert.ok(again.api.status().head.height >= 2);
  await reached(again, again.api.status().head.height + 1);
  await again.stop();
});

test('a snapshot that finds no room is said, and the node goes on signing', async (context) => {
  const { config, said } = alone(context);
  const disk = fillable('snapshots');
  disk.isFull = true;
  const refused = said('no snapshot made');
  const node = await start(context, { ...config, snapshotInterval: 2, files: disk.files });
  await refused;
  await reached(node, node.api.status().head.height + 2);
  assert.equal(node.api.status().role, 'validator');
  await node.stop();
});

test('a value that is not what was written ends the node when anybody reads it', async (context) => {
  const { config } = alone(context);
  const node = await start(context, config);
  await reached(node, 3);
  await node.stop();
  const database = new Level<Uint8Array, Uint8Array>(join(config.home, 'chain'), {
    keyEncoding: 'view',
    valueEncoding: 'view',
  });
  const key = heightKey('block', 1);
  const value = Uint8Array.from((await database.get(key))!);
  value[value.length >> 1]! ^= 1;
  await database.put(key, value);
  await database.close();
  const again = await start(context, config);
  assert.throws(() => again.api.block(1), { code: 'DATABASE_DAMAGED' });
  const error = await again.exited;
  assert.match(error.message, /is damaged: a value in bucket 1 is not what was written.*Restore a copy/);
  await again.stop();
});

test('a checkpoint within the stored chain must be its block', async (context) => {
  const { config } = alone(context);
  const node = await start(context, config);
  await reached(node, 2);
  const { hash } = node.api.status().head;
  const { height } = node.api.status().head;
  await node.stop();
  await assert.rejects(createNode({ ...config, checkpoint: { height, hash: 'ab'.repeat(32) as Hash } }), {
    code: 'CHECKPOINT_MISMATCH',
  });
  const again = await start(context, { ...config, checkpoint: { height, hash } });
  await reached(again, height + 1);
  await again.stop();
});

test('a node that was away for longer than the trusting period starts with a checkpoint only', async (context) => {
  const { config } = alone(context, { devnet: false });
  const first = await start(context, config);
  await reached(first, 2);
  const { height, hash } = first.api.status().head;
  await first.stop();
  const faults = new FaultInjector();
  faults.set({ ...NO_FAULTS, clockOffsetMs: trustingPeriodMs(config.genesis)! + 60_000 });
  await assert.rejects(createNode({ ...config, faults }), {
    code: 'CHECKPOINT_REQUIRED',
    message: new RegExp(`newest block ${height} .*--checkpoint HEIGHT@HASH`),
  });
  const second = await start(context, { ...config, faults, checkpoint: { height, hash } });
  assert.equal(second.api.status().head.height, height);
  await second.stop();
});
