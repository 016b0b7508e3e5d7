import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { takeHostLock, takeHostTurn } from '../../src/training/host-lock.ts';

const folder = await mkdtemp(join(tmpdir(), 'synod-turns-'));
after(() => rm(folder, { recursive: true, force: true }));

/** A machine of two turns; memory is counted in trainings. */
function machine(name: string, memory: number) {
  const path = join(folder, name);
  const has = { memory };
  const take = () => takeHostTurn({ path, turns: 2, bytesEach: 1000, availableBytes: () => 1000 * has.memory });
  const isBusy = () => assert.rejects(take(), { code: 'TRAINING_BUSY' });
  const files = async () => (await readdir(folder)).filter((file) => file.startsWith(name));
  return { path, has, take, isBusy, files };
}

test('as many trainings as there are turns, and no more; who gives a turn back makes room', async () => {
  const { take, isBusy, files } = machine('both', 2);
  const first = await take();
  const second = await take();
  await isBusy();
  await first();
  const third = await take();
  await isBusy();
  await second();
  await third();
  assert.deepEqual(await files(), []);
});

test('without memory for two there is one at a time, whichever turn it has', async () => {
  const { has, take, isBusy, files } = machine('small', 1.9);
  const first = await take();
  await isBusy();
  has.memory = 2;
  const second = await take();
  await first();
  has.memory = 1.9;
  await isBusy();
  await second();
  has.memory = 0;
  const alone = await take();
  await alone();
  assert.deepEqual(await files(), []);
});

test('the turn of a process that is gone is free, and it needs no memory any more', async () => {
  const { path, take } = machine('dead', 1);
  await writeFile(path, '999999999');
  await writeFile(`${path}.turn-1`, '999999999');
  const release = await take();
  await release();
});

test('a training of adapters, which is alone on the machine among its like, has the first turn', async () => {
  const { path, take, isBusy } = machine('adapters', 2);
  const release = await takeHostLock(path);
  const second = await take();
  await isBusy();
  await release();
  await second();
});
