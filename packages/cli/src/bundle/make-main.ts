/** The process that makes the bundle of this checkout: `node make-main.ts`. Ends with 1, having said why, where none could be made. */
import { accessSync, constants } from 'node:fs';
import { resolve } from 'node:path';
import { makeDirectory } from '@synod/node/make-directory';
import { bundleDirectory } from '../settings/paths.ts';
import { bundlesOf, findBundle, ROOT } from './find-bundle.ts';

const directory = bundleDirectory(process.env);

if (findBundle(ROOT, directory) === null) {
  const startedMs = performance.now();
  try {
    // Known before the seconds are spent: a service may find its home read-only at every start.
    const bundles = bundlesOf(ROOT, directory);
    makeDirectory(bundles, 0o700);
    accessSync(bundles, constants.W_OK);
    process.stderr.write('synod: bundling the program (once a version; about 2 s)\n');
    const { makeBundle } = await import('./make-bundle.ts');
    await makeBundle({ root: ROOT, directory, entry: resolve(import.meta.dirname, '../command-line.ts') });
    process.stderr.write(`synod: the program is bundled (${((performance.now() - startedMs) / 1000).toFixed(1)} s)\n`);
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n')[0] : String(error);
    process.stderr.write(
      `✖ the program could not be bundled (${why}); it runs from its sources, and starts more slowly.\n` +
        '  Where only this start may not write there, bundle it once by hand:  node bootstrap.mjs bundle\n',
    );
    process.exitCode = 1;
  }
}
