import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';

const index = new URL('../../src/index.ts', import.meta.url).href;

/** Records every module that the package's entry point pulls in. */
const LIST_IMPORTS = `
  import { registerHooks } from 'node:module';
  const seen = [];
  registerHooks({ resolve: (specifier, context, next) => (seen.push(specifier), next(specifier, context)) });
  await import(${JSON.stringify(index)});
  console.log(JSON.stringify(seen));
`;

test('importing the client loads no runtime: only its own files and Node', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', LIST_IMPORTS]);
  const seen = JSON.parse(stdout) as string[];
  assert.ok(seen.includes('node:child_process'));
  const foreign = seen.filter((specifier) => !/^(node:|file:|\.)/.test(specifier));
  assert.deepEqual(foreign, []);
});
