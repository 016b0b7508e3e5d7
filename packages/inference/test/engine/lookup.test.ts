import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { loadEngine } from '../../src/engine/engine.ts';
import { limits } from '../../src/engine/limits.ts';
import { createLookup } from '../../src/engine/lookup.ts';
import { tinyModel, undisturbed } from './tiny-model.ts';

const engine = await loadEngine(await tinyModel());
after(() => engine.close());

test('a draft is what followed the same tokens last; nothing follows from nothing', () => {
  const lookup = createLookup();
  assert.deepEqual(lookup.draft([1, 2, 3, 4, 5, 6, 1, 2, 3]), [4, 5, 6]);
  assert.deepEqual(lookup.draft([1, 2, 7, 8, 1, 2, 9, 9, 1, 2]), [9, 9, 1]);
  assert.deepEqual(lookup.draft([1, 2, 3, 4]), []);
  assert.deepEqual(lookup.draft([]), []);
});

test('drafts grow with success up to the limit and shrink to one without', () => {
  const lookup = createLookup();
  const text = [...Array(40).keys(), 0, 1, 2];
  for (let i = 0; i < 4; i++) lookup.learn({ drafted: 3, accepted: 3 });
  assert.equal(lookup.draft(text).length, limits.draftTokensMax);
  lookup.learn({ drafted: limits.draftTokensMax, accepted: 0 });
  assert.deepEqual(lookup.draft(text), [3]);
});

test('with drafts the text is one the model writes: each token and its log-probability are those of reading it', async () => {
  // The tiny model repeats itself after a while, so that drafts are made, accepted and rejected.
  for (const content of ['always', 'tell', 'a b a b a b a b']) {
    const request = {
      messages: [{ role: 'user', content }],
      profile: { instruction: '', temperature: 0, topP: 1, maxTokens: 200 },
      seed: 1,
      stop: [],
      adapter: null,
    } as const;
    const control = { ...undisturbed, onText: () => {} };
    const plain = await engine.generate(request, control);
    const drafted = await engine.generate({ ...request, lookup: true }, control);
    assert.deepEqual(drafted.tokens.slice(0, 8), plain.tokens.slice(0, 8));
    assert.equal(drafted.logProbabilities.length, drafted.tokens.length);
    const read = await engine.read({ question: content, answer: drafted.text, adapter: null }, undisturbed);
    const far = read.tokens.findIndex(
      (token, i) =>
        token === drafted.tokens[i] && Math.abs(read.logProbabilities[i]! - drafted.logProbabilities[i]!) > 250,
    );
    assert.equal(far, -1);
  }
});

test('drafts keep the token limit and stop sequences, and cancelling ends within a token', async () => {
  const request = {
    messages: [{ role: 'user', content: 'always' }],
    profile: { instruction: '', temperature: 0, topP: 1, maxTokens: 120 },
    seed: 1,
    stop: [] as string[],
    adapter: null,
    lookup: true,
  } as const;
  const all = await engine.generate(request, { ...undisturbed, onText: () => {} });
  assert.equal(all.tokens.length, 120);
  const stop = all.text.slice(60, 64);
  const stopped = await engine.generate({ ...request, stop: [stop] }, { ...undisturbed, onText: () => {} });
  assert.equal(stopped.text, all.text.slice(0, all.text.indexOf(stop)));
  const abort = new AbortController();
  let shown = '';
  const onText = (text: string) => {
    shown += text;
    if (shown.length >= 70) abort.abort();
  };
  const control = { signal: abort.signal, checkpoint: async () => {}, onText };
  const cancelled = await engine.generate(request, control);
  assert.equal(cancelled.finish, 'cancelled');
  assert.ok(cancelled.text.length < 70 + 4);
});
