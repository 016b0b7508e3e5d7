#!/usr/bin/env node
/**
 * The process of the `synod` command: runs command-line.ts, out of the bundle where there is one of the very sources that lie here,
 * else as it is written. Owns which of the two, the cache of compiled modules, and how the process ends.
 */
import { spawnSync } from 'node:child_process';
import { enableCompileCache } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { findBundle } from './bundle/find-bundle.ts';
import { bundleDirectory, compileCacheDirectory } from './settings/paths.ts';
import { EXIT } from './terminal/exit-codes.ts';

type CommandLine = typeof import('./command-line.ts');

// Halves the time of every start: what a command's module imports is compiled once a machine, not once a process.
enableCompileCache(compileCacheDirectory(process.env));
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // The reader has gone (`synod … | head`): nothing is left to say.
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
  throw error;
});
const { main } = await load(process.argv.slice(2));
process.exitCode = await main(process.argv.slice(2));
// Open sockets of a finished command must not keep it alive.
process.exit();

/** With `--debug` always the sources: a stack is to name their lines. */
async function load(argv: readonly string[]): Promise<CommandLine> {
  const bundle = argv.includes('--debug') ? null : freshBundle(argv);
  return bundle === null
    ? await import('./command-line.ts')
    : ((await import(pathToFileURL(bundle).href)) as CommandLine);
}

function freshBundle(argv: readonly string[]): string | null {
  const root = resolve(import.meta.dirname, '../../..');
  const directory = bundleDirectory(process.env);
  const found = findBundle(root, directory);
  if (found !== null || !isLasting(argv)) return found;
  // In a process of its own, whose memory is gone afterwards. What it has to say it says on stderr.
  const maker = join(import.meta.dirname, 'bundle/make-main.ts');
  const { status } = spawnSync(process.execPath, [maker], { stdio: ['ignore', 2, 2] });
  return status === 0 ? findBundle(root, directory) : null;
}

/** Worth the seconds that a bundle takes: what starts nodes, and not the nodes themselves, which start side by side. */
function isLasting([command, next = '-', ...rest]: readonly string[]): boolean {
  if ([next, ...rest].some((word) => ['--help', '-h', '--supervised'].includes(word))) return false;
  return command === 'start' || (command === 'devnet' && (next.startsWith('-') || next === 'chaos'));
}
