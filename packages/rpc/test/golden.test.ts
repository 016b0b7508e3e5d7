/**
 * Every method answers as its golden files say, which are the examples of the documents (spec: rpc §1.6). `SYNOD_GOLDEN=write` writes the
 * responses and the examples anew: read the difference before it is committed.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { rpcCodes } from '../src/index.ts';
import { commonErrors, methodErrors } from '../src/method-errors.ts';
import { ask, everyMethod, type GoldenCase, readGolden, writeGolden } from './fixture/golden.ts';
import { examplesOf } from './fixture/golden-examples.ts';

const isWriting = process.env['SYNOD_GOLDEN'] === 'write';
const EXAMPLES = fileURLToPath(new URL('../src/openrpc-examples.json', import.meta.url));
const cases = readGolden();

for (const [method, own] of Map.groupBy(cases, (golden) => golden.method.name)) {
  test(`${method} answers as its files say`, async (t) => {
    for (const golden of own) {
      const response = await ask(t, golden);
      if (isWriting) writeGolden(golden, response);
      else assert.deepEqual(response, golden.response, golden.file);
    }
  });
}

test('every method has a case that succeeds and one that is refused, and every case is what its name says', () => {
  const written = readGolden();
  for (const method of everyMethod) {
    const own = written.filter((golden) => golden.method === method);
    assert.ok(own.some(isSuccess), `${method.name} has no golden success`);
    assert.ok(
      own.some((golden) => !isSuccess(golden)),
      `${method.name} has no golden refusal`,
    );
    for (const golden of own) {
      assert.equal(isSuccess(golden), !golden.name.startsWith('error-'), golden.file);
      assert.equal(golden.request.method, method.name, golden.file);
    }
  }
});

test('what succeeds is of the method’s schema, what is refused is in its list of errors and says what to do', () => {
  for (const golden of readGolden()) {
    const { method, response, file } = golden;
    const { error } = response ?? {};
    if (error === undefined) {
      method.result.parse(response?.result);
      continue;
    }
    const listed = [...commonErrors, ...(methodErrors[method.name] ?? [])].map((name) => rpcCodes[name]);
    assert.ok(listed.includes(error.code), `${file}: ${error.code} is not among the errors of ${method.name}`);
    assert.match(String(error.data['name']), /^[A-Z_]+$/, file);
    assert.ok(error.message.length >= 20 && /[.!?]$/.test(error.message), `${file}: ${error.message}`);
  }
});

test('the examples of the documents are the golden cases', () => {
  const text = `${JSON.stringify(examplesOf(readGolden()), null, 1)}\n`;
  if (isWriting) writeFileSync(EXAMPLES, text);
  else assert.equal(readFileSync(EXAMPLES, 'utf8'), text, 'run the golden tests with SYNOD_GOLDEN=write');
});

test('the table of errors names methods and errors that there are', () => {
  const names = new Set(everyMethod.map(({ name }) => name));
  for (const [method, errors] of Object.entries(methodErrors)) {
    assert.ok(names.has(method), `${method} is no method`);
    for (const error of errors) assert.ok(rpcCodes[error] !== undefined, `${error} of ${method} has no code`);
    assert.equal(new Set(errors).size, errors.length, `${method} names an error twice`);
  }
});

function isSuccess({ response }: GoldenCase): boolean {
  return response !== undefined && response.error === undefined;
}
