import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { tinyModel } from '../engine/tiny-model.ts';

const directory = await tinyModel();
const jobsModule = new URL('../client/jobs.ts', import.meta.url).href;
const clientModule = new URL('../../src/client/index.ts', import.meta.url).href;

/** A parent in its own process: prints its worker's pid once the model is loaded and the worker is busy. */
const PARENT = `
  import { createWorkerClient } from ${JSON.stringify(clientModule)};
  import { longScoreJob, writeJob } from ${JSON.stringify(jobsModule)};
  const client = createWorkerClient({ modelDirectory: process.argv[1], onEvent: () => {}, onReady: () => console.log(client.pid()) });
  for (let i = 0; i < 30; i++) client.submit(writeJob('w' + i, { content: 'always' }));
  for (let i = 0; i < 60; i++) client.submit(longScoreJob('s' + i));
`;

test('the worker ends when its parent is killed, even with half a minute of work left', {
  timeout: 10_000,
}, async () => {
  const parent = spawn(process.execPath, ['--input-type=module', '-e', PARENT, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(parent.stdout.setEncoding('utf8'), 'data')) as [string];
  const pid = Number(line);
  assert.ok(isAlive(pid));
  parent.kill('SIGKILL');
  // The worker holds no pipe of the parent's but its channel, so its end is seen in the process table only.
  while (isAlive(pid)) await new Promise((resolve) => setImmediate(resolve));
});

test('without a parent the worker explains itself and leaves', async () => {
  const main = fileURLToPath(new URL('../../src/worker/main.ts', import.meta.url));
  const child = spawn(process.execPath, [main, directory], { stdio: ['ignore', 'ignore', 'pipe'] });
  const [message] = (await once(child.stderr.setEncoding('utf8'), 'data')) as [string];
  assert.match(message, /started by a Synod node/);
  assert.deepEqual(await once(child, 'exit'), [2, null]);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'ESRCH');
    return false;
  }
}

/** Where nobody reaps orphans (a bare container), an ended process stays in the table as a zombie. */
function isZombie(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && !existsSync(`/proc/${pid}/exe`);
}
