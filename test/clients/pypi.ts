/**
 * Packages from PyPI for tests, installed once a list into a folder of the user's cache. Owns that folder and the one line that says why
 * tests do not run; with SYNOD_TEST_PYPI=1 they have to.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** As published while this was written; a client of later is to work as well. */
export const CLIENTS = ['openai==3.54.0', 'langchain-openai==1.7.3', 'llm==0.36'] as const;

/** The folder to put into PYTHONPATH, or null after a line that says why there is none. */
export async function pypiFolder(packages: readonly string[]): Promise<string | null> {
  const hash = createHash('sha256').update(packages.join(' ')).digest('hex').slice(0, 16);
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const folder = join(cache, 'synod', `pypi-${hash}`);
  if (existsSync(folder)) return folder;
  const partial = `${folder}.${process.pid}`;
  mkdirSync(partial, { recursive: true });
  try {
    await execute('python3', ['-m', 'pip', 'install', '--quiet', '--target', partial, ...packages], {
      timeout: 900_000,
    });
    renameSync(partial, folder);
    return folder;
  } catch (error) {
    // Another test may have been quicker.
    if (existsSync(folder)) return folder;
    if (process.env['SYNOD_TEST_PYPI'] === '1') throw error;
    console.log(`clients from PyPI were not run: pip could not fetch ${packages.join(', ')}`);
    return null;
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

/** Runs a Python program with these packages; its standard output. */
export async function python(
  folder: string,
  args: readonly string[],
  options: { readonly env?: Readonly<Record<string, string>>; readonly input?: string } = {},
): Promise<string> {
  const env = { ...process.env, PYTHONPATH: folder, OPENAI_API_KEY: 'any', ...options.env };
  const running = execute('python3', [...args], { env, maxBuffer: 16 * 1024 * 1024 });
  running.child.stdin?.end(options.input ?? '');
  return (await running).stdout;
}
