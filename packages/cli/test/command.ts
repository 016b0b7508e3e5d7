/** Runs `./synod` or any other file as a real process, with bytes on its standard input. */
import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';

export const root: string = resolve(import.meta.dirname, '../../..');

export type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

export function run(file: string, args: readonly string[], input: Uint8Array = new Uint8Array()): Promise<Ended> {
  const { promise, resolve: end, reject } = Promise.withResolvers<Ended>();
  const { FORCE_COLOR: _force, CI: _ci, ...env } = process.env;
  const child = spawn(file, args, { env: { ...env, SYNOD_RPC_URL: 'http://127.0.0.1:9' }, cwd: root });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => {
    output.stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output.stderr += chunk;
  });
  // The command may refuse before it has read everything.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  child.once('error', reject);
  child.once('close', (code) => end({ code, ...output }));
  return promise;
}

export const synod = (args: readonly string[], input?: Uint8Array): Promise<Ended> =>
  run(join(root, 'synod'), args, input);
