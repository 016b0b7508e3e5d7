import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';

const index = new URL('../../src/index.ts', import.meta.url).href;
const engine = new URL('../../src/engine/engine.ts', import.meta.url).href;

/** Records every module that an entry point pulls in. */
const listImports = (entry: string): string => `
  import { registerHooks } from 'node:module';
  const seen = [];
  registerHooks({ resolve: (specifier, context, next) => (seen.push(specifier), next(specifier, context)) });
  await import(${JSON.stringify(entry)});
  console.log(JSON.stringify(seen));
`;

async function importsOf(entry: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', listImports(entry)]);
  return JSON.parse(stdout) as string[];
}

test('importing the client loads no runtime: only its own files and Node', async () => {
  const seen = await importsOf(index);
  assert.ok(seen.includes('node:child_process'));
  const foreign = seen.filter((specifier) => !/^(node:|file:|\.)/.test(specifier));
  assert.deepEqual(foreign, []);
});

test("a worker's engine loads tokenizers without the library around them", async () => {
  const seen = await importsOf(engine);
  assert.ok(seen.includes('@huggingface/tokenizers'));
  assert.deepEqual(
    seen.filter((specifier) => /transformers|sharp|jinja/.test(specifier)),
    [],
  );
});
