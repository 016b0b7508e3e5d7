/**
 * Every command of the tutorials and guides is run as it stands, in the order in which it stands, on a devnet with the test model: a
 * command that fails, or prints something else than they say, fails here. Which pages are followed so is pages.ts, what cannot be run
 * declared.ts, that nothing is left over coverage.test.ts; that all commands parse is checked in cli/test/docs.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../e2e/devnet-process.ts';
import { declarationOf } from './declared.ts';
import { readDocument } from './document.ts';
import { followed } from './pages.ts';
import { Session } from './session.ts';

test('there are documents to run', () => assert.ok(followed.length >= 9));

for (const document of followed)
  test(`${document}: every command works as it is written`, async () => {
    const steps = readDocument(readFileSync(join(root, document), 'utf8'));
    assert.ok(steps.some(({ kind }) => kind === 'console'));
    const session = await Session.create();
    try {
      await session.run(steps, (command) => declarationOf(document, command) !== null);
    } finally {
      await session.close();
    }
  });
