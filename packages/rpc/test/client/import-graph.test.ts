/** What a program loads with `@synod/rpc/client`: nothing that a browser lacks. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

/** Every import and re-export that remains once types are stripped. */
function importsOf(file: string): readonly string[] {
  const source = readFileSync(file, 'utf8').replaceAll(/\/\*[\s\S]*?\*\//g, '');
  const statements = source.matchAll(
    /^(?:import|export)\b(?! type\b)[^;'"]*?from\s+'([^']+)'|^import\s+'([^']+)'|import\(\s*'([^']+)'/gm,
  );
  return [...statements].flatMap((match) => match[1] ?? match[2] ?? match[3] ?? []);
}

/** Files by the specifiers that lead to them, from the entry on. */
function graph(entry: string): { readonly files: ReadonlySet<string>; readonly foreign: ReadonlySet<string> } {
  const files = new Set<string>();
  const foreign = new Set<string>();
  const visit = (file: string): void => {
    if (files.has(file)) return;
    files.add(file);
    for (const specifier of importsOf(file)) {
      if (specifier.startsWith('.')) visit(fileURLToPath(new URL(specifier, `file://${file}`)));
      else if (specifier.startsWith('@synod/')) visit(fileURLToPath(import.meta.resolve(specifier)));
      else foreign.add(specifier);
    }
  };
  visit(fileURLToPath(import.meta.resolve(entry)));
  return { files, foreign };
}

test('the client needs no Node module and no package', () => {
  const { files, foreign } = graph('@synod/rpc/client');
  assert.deepEqual([...foreign], []);
  assert.ok(files.size >= 6 && files.size <= 12, [...files].join('\n'));
  for (const file of files) {
    const source = readFileSync(file, 'utf8');
    assert.doesNotMatch(source, /\b(?:Buffer|process|require|setImmediate)\b\s*[.(]/, file);
  }
});
