/** What this browser keeps of own questions, and what it never keeps. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newTurn, type Turn } from '../../src/pages/ask/course.ts';
import { readHistory, writeHistory } from '../../src/pages/ask/history.ts';

/** A storage as browsers have it; `full` refuses every write as one without room does. */
class TestStorage implements Storage {
  readonly items = new Map<string, string>();
  full = false;
  get length(): number {
    return this.items.size;
  }
  clear(): void {
    this.items.clear();
  }
  getItem(key: string): string | null {
    return this.items.get(key) ?? null;
  }
  key(index: number): string | null {
    return [...this.items.keys()][index] ?? null;
  }
  removeItem(key: string): void {
    this.items.delete(key);
  }
  setItem(key: string, value: string): void {
    if (this.full) throw new DOMException('no room', 'QuotaExceededError');
    this.items.set(key, value);
  }
}

const stores = () => ({ lasting: new TestStorage(), session: new TestStorage() });
const turn = (key: string, over: Partial<Turn> = {}): Turn => ({
  ...newTurn({ key, prompt: 'p', isPrivate: false, askedAtMs: Number(key), account: null }),
  queryId: `0x${key}`,
  phase: 'final',
  ...over,
});

test('private questions and their keys stay in the session', () => {
  const where = stores();
  writeHistory('g', [turn('1'), turn('2', { isPrivate: true, readKey: 'secret' })], where);
  assert.doesNotMatch(JSON.stringify([...where.lasting.items]), /secret|"2"/);
  assert.deepEqual(
    readHistory('g', where).map(({ key }) => key),
    ['1', '2'],
  );
});

test('another chain has another history', () => {
  const where = stores();
  writeHistory('one', [turn('1')], where);
  assert.deepEqual(readHistory('other', where), []);
});

test('what was running is taken up from its beginning; what never got an id is not', () => {
  const where = stores();
  const running = turn('1', { phase: 'answering', provisional: 'half' });
  writeHistory('g', [running, turn('2', { phase: 'sending', queryId: null })], where);
  const [first, ...others] = readHistory('g', where);
  assert.deepEqual([first?.phase, first?.provisional, others], ['opening', '', []]);
});

test('only the newest are kept; a full or spoilt storage breaks nothing', () => {
  const where = stores();
  writeHistory(
    'g',
    Array.from({ length: 60 }, (_, index) => turn(String(index + 1))),
    where,
  );
  assert.equal(readHistory('g', where).length, 40);
  assert.equal(readHistory('g', where).at(-1)?.key, '60');
  where.lasting.full = true;
  writeHistory('g', [turn('99')], where);
  where.lasting.items.set('synod.asked.g', '{"not":');
  assert.deepEqual(readHistory('g', where), []);
});
