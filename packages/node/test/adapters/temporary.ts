/** Temporary directories of the adapter tests, removed when the test ends. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type FileOperations, systemFiles } from '../../src/adapters/durable-files.ts';

export function temporaryDirectory(context: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'synod-adapters-'));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Real file operations of which the one at `failAt` (counted from 0, over all kinds) and all later ones fail. */
export function filesFailingAt(failAt: number): FileOperations & { calls: string[] } {
  const calls: string[] = [];
  const guarded =
    (name: Exclude<keyof FileOperations, 'promises'>) =>
    (...args: unknown[]) => {
      calls.push(name);
      if (calls.length > failAt) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
      return Reflect.apply(systemFiles[name], undefined, args);
    };
  return {
    calls,
    promises: systemFiles.promises,
    openSync: guarded('openSync'),
    closeSync: guarded('closeSync'),
    writeSync: guarded('writeSync') as FileOperations['writeSync'],
    fsyncSync: guarded('fsyncSync'),
    fdatasyncSync: guarded('fdatasyncSync'),
    renameSync: guarded('renameSync'),
    rmSync: guarded('rmSync'),
    ftruncateSync: guarded('ftruncateSync'),
  } as FileOperations & { calls: string[] };
}
