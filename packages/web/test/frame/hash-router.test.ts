/** Addresses of the page: what matches, and what is none. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchPath, parsePlace } from '../../src/frame/hash-router.ts';

test('a hash is a path with a query', () => {
  const { path, query } = parsePlace('#/learning?domain=chemistry&x=1');
  assert.equal(path, '/learning');
  assert.equal(query.get('domain'), 'chemistry');
});

test('what is no path is the start', () => {
  for (const hash of ['', '#', '#/', '#main', '#https://elsewhere.example/'])
    assert.equal(parsePlace(hash).path, '/ask', hash);
});

test('patterns', () => {
  assert.deepEqual(matchPath('/block/:height', '/block/12'), { height: '12' });
  assert.deepEqual(matchPath('/block/:height', '/block/12/'), { height: '12' });
  assert.deepEqual(matchPath('/ask', '/ask'), {});
  assert.deepEqual(matchPath('/account/:address', '/account/a%20b'), { address: 'a b' });
  for (const path of ['/block', '/block/', '/block//', '/block/1/2', '/tx/1', '/block/%E0%A4%A']) {
    assert.equal(matchPath('/block/:height', path), null, path);
  }
});
