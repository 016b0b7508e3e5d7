/** The blind questions of the benchmark (bench/domains/blind.ts): their halves follow from their words, so that none is moved to where it is read. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

type Asked = {
  readonly domain: string;
  readonly half: string;
  readonly question: string;
  readonly refuse?: string;
  readonly gold?: readonly string[];
};

const asked = readFileSync(join(import.meta.dirname, '../../../../bench/domains/blind.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Asked);

test('a blind question stands in the half that the hash of its words names', () => {
  for (const { question, half } of asked) {
    const isDev = createHash('sha256').update(question).digest()[0]! % 2 === 0;
    assert.equal(half, isDev ? 'dev' : 'blind', question);
  }
  assert.equal(new Set(asked.map(({ question }) => question)).size, asked.length);
});

test('each domain has at least fifty with an answer and fifteen without', () => {
  for (const [domain, own] of Map.groupBy(asked, (one) => one.domain)) {
    const unknown = own.filter(({ refuse }) => refuse !== undefined);
    assert.ok(own.length - unknown.length >= 50, domain);
    assert.ok(unknown.length >= 15, domain);
    for (const { refuse, gold } of own) assert.equal(refuse === undefined, gold !== undefined);
  }
});
