/** What disclosures opened is read from blocks once, and remembered within bounds. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Hash, type Payload, type QueryState, ZERO_HASH } from '@synod/chain';
import type { ChainReader } from '../../src/service/chain-reader.ts';
import { DisclosedTexts } from '../../src/service/disclosed-texts.ts';

const idAt = (height: number): Hash => height.toString(16).padStart(64, '0') as Hash;
const QUERIES = 70;

/** A chain whose block at each height discloses the query of that number. */
function chain() {
  const read: number[] = [];
  const payload = (height: number): Payload => ({
    type: 'query.disclose',
    queryId: idAt(height),
    prompt: `What is ${height}?`,
    salt: new Uint8Array(32),
    answers: [],
  });
  const reader = {
    oldestHeight: () => 1,
    events: (height: number) => {
      read.push(height);
      return [{ type: 'query.disclosed', queryId: idAt(height) }];
    },
    blockAt: (height: number) => ({ transactions: [{ body: { payload: payload(height) } }] }),
    results: () => ({ transactions: [{ id: ZERO_HASH, code: 'OK' }], receipts: [] }),
  } as unknown as ChainReader;
  const texts = new DisclosedTexts(reader, () => QUERIES);
  const of = (height: number, isDisclosed = true) => {
    const state = { openedAt: height - 1, disclosed: isDisclosed ? [0] : [] } as unknown as QueryState;
    return texts.of(idAt(height), { state, receipt: null });
  };
  return { read, of };
}

test('texts of the latest queries are remembered, older ones are read again', () => {
  const { read, of } = chain();
  for (let height = 1; height <= QUERIES; height++) assert.equal(of(height)?.prompt, `What is ${height}?`);
  read.length = 0;
  assert.equal(of(QUERIES)?.prompt, `What is ${QUERIES}?`);
  assert.deepEqual(read, []);
  assert.equal(of(1)?.prompt, 'What is 1?');
  assert.equal(read.length, QUERIES);
});

test('what state does not call disclosed is not looked for in blocks', () => {
  const { read, of } = chain();
  assert.equal(of(3, false), null);
  assert.deepEqual(read, []);
});
