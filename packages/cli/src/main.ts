#!/usr/bin/env node
/**
 * The process of the `synod` command: runs command-line.ts, out of the bundle where there is one of the very sources that lie here,
 * else as it is written. Owns which of the two, the cache of compiled modules, and how the process ends.
 */
import { enableCompileCache } from 'node:module';
import { pathToFileURL } from 'node:url';
import { findBundle, ROOT } from './bundle/find-bundle.ts';
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
  const bundle = argv.includes('--debug') ? null : findBundle(ROOT, bundleDirectory(process.env));
  return bundle === null
    ? await import('./command-line.ts')
    : ((await import(pathToFileURL(bundle).href)) as CommandLine);
}
