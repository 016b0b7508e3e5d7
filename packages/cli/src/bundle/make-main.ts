/** The process that makes the bundle of this checkout: `node make-main.ts`. Ends with 1, having said why, where none could be made. */
import { resolve } from 'node:path';
import { bundleDirectory } from '../settings/paths.ts';
import { findBundle } from './find-bundle.ts';

const root = resolve(import.meta.dirname, '../../../..');
const directory = bundleDirectory(process.env);

if (findBundle(root, directory) === null) {
  const startedMs = performance.now();
  process.stderr.write('synod: bundling the program (once a version; about 2 s)\n');
  try {
    const { makeBundle } = await import('./make-bundle.ts');
    await makeBundle({ root, directory, entry: resolve(import.meta.dirname, '../command-line.ts') });
    process.stderr.write(`synod: the program is bundled (${((performance.now() - startedMs) / 1000).toFixed(1)} s)\n`);
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n')[0] : String(error);
    process.stderr.write(
      `✖ the program could not be bundled (${why}); it runs from its sources, and starts more slowly.\n`,
    );
    process.exitCode = 1;
  }
}
