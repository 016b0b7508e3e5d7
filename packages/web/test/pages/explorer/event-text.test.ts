import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { EVENT_NAMES, eventFields, eventName } from '../../../src/pages/explorer/event-text.ts';

const hash = `0x${'ab'.repeat(32)}`;

test('every kind of event that the chain reports has a name, and no other has', () => {
  const source = readFileSync(new URL('../../../../chain/src/state/events.ts', import.meta.url), 'utf8');
  const lines = source.split('\n').filter((line) => /readonly type: '/.test(line));
  const types = lines.flatMap((line) => [...(line.split('type:')[1] ?? '').split(';')[0]!.matchAll(/'([^']+)'/g)]);
  assert.ok(types.length > 40, String(types.length));
  assert.deepEqual(Object.keys(EVENT_NAMES).sort(), [...new Set(types.map(([, name]) => name!))].sort());
});

test('fields are linked by what they are, numbers are grouped and long lists counted', () => {
  const event = {
    type: 'query.selected',
    queryId: hash,
    experts: ['syn1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq', 'syn1pppppppppppppppppppppppppppppp'],
    deadline: '12345',
    issued: '1500000001',
    isVoid: false,
    truths: [0, 1_000_000],
    problem: null,
    tally: { yes: '3', no: '1' },
  };
  assert.equal(eventName(event), 'Experts drawn');
  assert.deepEqual(
    eventFields(event).map(({ label, value }) => [label, value]),
    [
      ['Query', { as: 'query', queryId: hash }],
      ['Experts', { as: 'text', text: '2' }],
      ['Deadline', { as: 'text', text: '12,345' }],
      ['Issued', { as: 'amount', nano: '1500000001' }],
      ['Is void', { as: 'text', text: 'no' }],
      ['Truths', { as: 'text', text: '0, 1000000' }],
      ['Tally', { as: 'text', text: 'yes 3, no 1' }],
    ],
  );
  assert.equal(eventName({ type: 'moon.landed' }), 'moon landed');
  assert.deepEqual(eventFields({ type: 'moon.landed', by: 'syn1qqq' }), [
    { label: 'By', value: { as: 'address', address: 'syn1qqq' } },
  ]);
});
