/** Registries' clients that are absent, fail or are stopped. */
import assert from 'node:assert/strict';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { ensurePackage } from '@synod/experts';
import { inFolder, pinOf, zipOf } from '../fixture.ts';

const pin = { ...pinOf(zipOf({ 'facts.csv': 'a,b\n' }), 'facts-1.0.0.tgz'), registry: 'npm' as const };

/** Runs with a PATH that holds only a client made of this script. */
async function withClient<T>(folder: string, script: string | undefined, use: () => Promise<T>): Promise<T> {
  const bin = join(folder, 'bin');
  await mkdir(bin);
  if (script !== undefined) {
    await writeFile(join(bin, 'npm'), `#!/bin/sh\n${script}\n`);
    await chmod(join(bin, 'npm'), 0o755);
  }
  const path = process.env['PATH'];
  process.env['PATH'] = bin;
  try {
    return await use();
  } finally {
    process.env['PATH'] = path;
  }
}

test('a missing client and an unreachable registry say what to do next', () =>
  inFolder(async (folder) => {
    const ensure = () => ensurePackage(pin, { downloads: join(folder, 'downloads') });
    await withClient(folder, undefined, () =>
      assert.rejects(ensure(), {
        code: 'KNOWLEDGE_FETCH_FAILED',
        message: /npm was not found.*shipped knowledge needs no download/,
      }),
    );
  }));

test('a client that fails is quoted in the facts', () =>
  inFolder(async (folder) => {
    await withClient(folder, 'echo no such host >&2; exit 7', () =>
      assert.rejects(
        ensurePackage(pin, { downloads: join(folder, 'downloads') }),
        (error: Error & { facts?: unknown }) => {
          assert.match(error.message, /ended with code 7/);
          assert.match(JSON.stringify(error.facts), /no such host/);
          return true;
        },
      ),
    );
  }));

test('aborting ends the client', () =>
  inFolder(async (folder) => {
    const stop = new AbortController();
    const reason = new Error('stopped by the user');
    await withClient(folder, 'while :; do :; done', async () => {
      const running = ensurePackage(pin, {
        downloads: join(folder, 'downloads'),
        signal: stop.signal,
        onProgress: () => queueMicrotask(() => stop.abort(reason)),
      });
      await assert.rejects(running, reason);
    });
  }));
