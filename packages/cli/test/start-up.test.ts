/** The first word comes at once: what every start of the command loads is small, counted by its imports. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { test } from 'node:test';
import { root } from './command.ts';

const LIGHT = /^(?:node:.*|commander|picocolors|@synod\/chain\/errors)$/;
const CLIENT = join(root, 'packages/rpc/src/client/index.ts');

/** Packages that a file loads at once, by itself and through the files it imports. */
function loaded(file: string, seen = new Map<string, readonly string[]>()): ReadonlyMap<string, readonly string[]> {
  const text = readFileSync(file, 'utf8');
  const imports = [...text.matchAll(/^(?:import|export)(?! type)[^;]*? from '([^']+)'|^import '([^']+)'/gms)]
    .filter(([statement]) => !/^(?:import|export) \{(?:\s*type [^,}]+,?)+\s*\} from/.test(statement))
    .map(([, from, bare]) => from ?? bare!);
  seen.set(
    file,
    imports.filter((name) => !name.startsWith('.')),
  );
  for (const name of imports.filter((each) => each.startsWith('.'))) {
    const path = resolve(dirname(file), name);
    if (!seen.has(path) && existsSync(path)) loaded(path, seen);
  }
  return seen;
}

function heavy(file: string, allowed: RegExp): string[] {
  return [...loaded(join(root, file))].flatMap(([path, names]) =>
    names.filter((name) => !allowed.test(name)).map((name) => `${path.slice(root.length)} loads ${name}`),
  );
}

test('help, mistakes and completion load neither the chain nor a client', () => {
  assert.deepEqual(heavy('packages/cli/src/command-line.ts', LIGHT), []);
  assert.ok(loaded(join(root, 'packages/cli/src/command-line.ts')).size > 25, 'the imports were found');
});

test('status loads a client and nothing of the chain but its errors', () => {
  assert.deepEqual(heavy('packages/cli/src/commands/status.ts', new RegExp(`${LIGHT.source}|^@synod/rpc/client$`)), []);
  const client = [...loaded(CLIENT).values()].flat().filter((name) => !LIGHT.test(name));
  assert.deepEqual(client, []);
});
