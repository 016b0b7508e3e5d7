/** `start --validator` and `start --expert`: homes that are refused, and what is told of a chain that does not have the validator. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { requireValidatorKeys, validatorTrouble } from '../../src/operating/must-validate.ts';
import { watchLife } from '../../src/operating/watch-life.ts';
import { synod } from '../command.ts';
import { startNode, validatorHome } from './home.ts';

const TIMEOUT = { timeout: 120_000 };

test(
  'a home with keys validates; without keys, and with a sign state that must not be used, it is refused',
  TIMEOUT,
  async (t) => {
    const { home } = validatorHome(t);
    const node = startNode(t, home, ['--validator']);
    await node.saying(/node serves requests/);
    await node.saying(/validator signs/);
    node.process.kill('SIGTERM');
    assert.deepEqual(await node.ended, { code: 0, signal: null }, node.said());

    const state = join(home, 'sign-state');
    const whole = readFileSync(state);
    writeFileSync(state, whole.subarray(0, 30));
    const damaged = await synod(['start', '--home', home, '--validator', '--json']);
    assert.equal(damaged.code, 10, damaged.stderr);
    assert.match(damaged.stderr, /SIGNING_IMPOSSIBLE/);
    writeFileSync(state, whole);

    const file = join(home, 'keys.json');
    const keys = JSON.parse(readFileSync(file, 'utf8')) as object;
    writeFileSync(file, JSON.stringify({ ...keys, operator: null, consensusSeed: null, vrfSeed: null }));
    const observer = await synod(['start', '--home', home, '--validator']);
    assert.equal(observer.code, 2, observer.stderr);
    assert.match(
      observer.stderr,
      /holds no keys to sign with, and --validator asks for a node that signs\n.*backup restore/,
    );

    const none = await synod(['start', '--home', home, '--expert']);
    assert.equal(none.code, 2, none.stderr);
    assert.match(none.stderr, /No expert was offered through .*\n.*expert offer/);
  },
);

test('an operator whose key is elsewhere names its signer', () => {
  const elsewhere = { operator: 'syn1x' as never, consensusSeed: null };
  requireValidatorKeys('/home/v', elsewhere, true);
  assert.throws(
    () => requireValidatorKeys('/home/v', elsewhere, false),
    /without its consensus key.*\n?.*--signer URL/s,
  );
  const nobody = { operator: null, consensusSeed: null };
  assert.throws(
    () => requireValidatorKeys('/home/v', nobody, true),
    /no validator's home/,
    'a signer alone signs for nobody',
  );
});

test('the log tells once that the chain lacks the validator, or has another key, and not while the node is behind', () => {
  const home = '/home/v';
  const facts = { home, operator: 'syn1x', signingKey: 'aa' };
  assert.equal(validatorTrouble({ publicKey: 'aa' }, facts), null);
  assert.match(String(validatorTrouble(null, facts)?.facts['next']), /validator create --home \/home\/v --bond AMOUNT/);
  assert.equal(validatorTrouble({ publicKey: 'bb' }, facts)?.kind, 'otherKey');

  let head = () => undefined;
  let syncing = true;
  let nowMs = 0;
  const api = {
    status: () => ({ operator: 'syn1x', signingKey: 'aa', syncing, head: { height: 1 } }),
    validators: () => [],
    subscribe: (_topic: string, _filter: null, onHead: () => undefined) => {
      head = onHead;
      return () => undefined;
    },
  };
  const told: string[] = [];
  const log = { info: () => undefined, warn: (_facts: object, message: string) => told.push(message) };
  const end = watchLife(api as never, log as never, { mustValidate: home, nowMs: () => nowMs });
  const looks = (count: number) => {
    for (let look = 0; look < count; look++) {
      nowMs += 2_000;
      head();
    }
  };
  looks(3);
  assert.deepEqual(told, []);
  syncing = false;
  looks(5);
  assert.deepEqual(told, ['the chain has no validator of this operator yet']);
  end();
});
