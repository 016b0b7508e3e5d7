/**
 * Every command of the tutorials is run as it stands, on a devnet with the test model: a command that fails, or prints something else
 * than they say, fails here. Owns the list of documents; that all other documents' commands parse is checked in cli/test/docs.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../e2e/devnet-process.ts';
import { readDocument } from './document.ts';
import { Session } from './session.ts';

const tutorials = readdirSync(join(root, 'docs/tutorials'))
  .filter((name) => name.endsWith('.md'))
  .sort();
const documents = tutorials.map((name) => `docs/tutorials/${name}`);

test('there are documents to run', () => assert.ok(tutorials.length >= 5));

for (const document of documents)
  test(`${document}: every command works as it is written`, async () => {
    const steps = readDocument(readFileSync(join(root, document), 'utf8'));
    assert.ok(steps.some(({ kind }) => kind === 'console'));
    const session = await Session.create();
    try {
      await session.run(steps);
    } finally {
      await session.close();
    }
  });
