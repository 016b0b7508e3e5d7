/** A signer and a node as real processes on loopback: the keys are in one, the chain is made by the other. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  addressOf,
  encodeVoteExtension,
  genesisHash,
  type Hash,
  publicKeyOf,
  verifySignature,
  voteSignBytes,
  vrfVerify,
} from '@synod/chain';
import { systemFiles } from '../../../node/src/adapters/durable-files.ts';
import { openRemoteSigner } from '../../../node/src/adapters/remote-signer.ts';
import { consensusSeed, Lab, operatorOf, vrfSeed } from '../../../node/test/host/lab.ts';
import { readToken } from '../../src/keys/remote-signer.ts';
import { takeKeys } from '../../src/keys/signer-home.ts';
import { readKeysAt, readNodeHome, writeNodeHome } from '../../src/node-home.ts';
import { synod } from '../command.ts';
import { folder, homesOf, kill, placeSigner, remoteOf as remoteOfHome, start, startSigner } from './signer-process.ts';

const { genesis } = new Lab({ validators: 1, blockIntervalMs: 100 });
const { chainId } = genesis;
const operator = operatorOf(0);
const publicKey = publicKeyOf(consensusSeed(0));
const hashOf = (value: number): Hash => value.toString(16).padStart(64, '0') as Hash;
const homes = (name: string) => homesOf(genesis, name);
const remoteOf = (node: string, url: string, token?: string) =>
  remoteOfHome(genesis, node, token === undefined ? { url } : { url, token });

const refused = (run: () => unknown, code: string) => assert.throws(run, { code });

test('keys are moved once, and are then in one home only', () => {
  const { node, signer } = homes('moved');
  const moved = takeKeys(signer, node, 'http://127.0.0.1:9600');
  assert.equal(moved.publicKey, publicKey);
  const left = readNodeHome(node);
  assert.deepEqual([left.keys.operator, left.keys.consensusSeed, left.keys.vrfSeed], [operator, null, null]);
  assert.deepEqual(left.node.signer, { url: 'http://127.0.0.1:9600', tokenFile: 'signer-token' });
  assert.equal(readFileSync(join(node, 'signer-token'), 'utf8'), readFileSync(join(signer, 'signer-token'), 'utf8'));
  assert.ok(!existsSync(join(node, 'moving-keys.json')));
  refused(() => takeKeys(join(folder, 'elsewhere'), node, 'http://127.0.0.1:9600'), 'HOME_INVALID');
});

test('a signer home takes the keys of one validator alone', () => {
  const [one, other] = [homes('one'), homes('other')];
  takeKeys(one.signer, one.node, 'http://127.0.0.1:9600');
  const { node, keys } = readNodeHome(other.node);
  writeNodeHome(other.node, node, { ...keys, consensusSeed: consensusSeed(1) });
  refused(() => takeKeys(one.signer, other.node, 'http://127.0.0.1:9600'), 'HOME_EXISTS');
  const seeds = [readNodeHome(other.node).keys, readKeysAt(join(one.signer, 'keys.json'))].map(
    ({ consensusSeed: seed }) => seed && publicKeyOf(seed),
  );
  assert.deepEqual(seeds, [publicKeyOf(consensusSeed(1)), publicKey], 'both keep their keys');
});

test('a second signer of one home does not start, though the lock file says nothing of the first', {
  timeout: 120_000,
}, async () => {
  const { node, signer: home } = homes('twice');
  takeKeys(home, node, 'http://127.0.0.1:9600');
  const first = await startSigner(home);
  const named = start(['signer', '--home', home, '--listen', '127.0.0.1:0']);
  await named.said(new RegExp(`Process ${first.child.pid} already runs`));
  // As from another container, where the number in the file is the reader's own.
  rmSync(join(home, 'node.lock'));
  const second = start(['signer', '--home', home, '--listen', '127.0.0.1:0']);
  await second.said(/Another process uses [\s\S]*two could sign twice/);
  await kill(first, 'SIGKILL');
  await kill(await startSigner(home), 'SIGTERM');
});

test('the signer decides by its own record: no claim, no wiped node and no second node makes it sign twice', {
  timeout: 300_000,
}, async () => {
  const { node, signer: home } = homes('unit');
  takeKeys(home, node, 'http://127.0.0.1:9600');
  const signer = await startSigner(home);
  const first = remoteOf(node, signer.url);
  const slot = { type: 'prevote', height: 7, round: 0, extension: null } as const;
  const vote = first.signer.signVote({ ...slot, blockId: hashOf(1) });
  assert.ok(vote.ok);
  assert.ok(verifySignature(publicKey, voteSignBytes(chainId, { ...slot, blockId: hashOf(1) }), vote.value.signature));
  const extension = encodeVoteExtension({ items: [] });
  const precommit = first.signer.signVote({ type: 'precommit', height: 7, round: 0, blockId: hashOf(1), extension });
  assert.ok(precommit.ok && precommit.value.extension !== null);
  const proof = first.signer.proveBeacon(new Uint8Array(40));
  assert.ok(proof !== null && vrfVerify(publicKeyOf(vrfSeed(0)), new Uint8Array(40), proof) !== null);
  assert.equal(first.signer.signIdentity('me')?.length, 64);
  assert.equal(first.signer.deriveSecret('a').length, 32);
  assert.notDeepEqual(first.signer.deriveSecret('a'), first.signer.deriveSecret('b'));

  // The node's disk is wiped: its own record permits everything, the signer's does not.
  for (const name of ['sign-state', 'sign-state.exists']) rmSync(join(node, name));
  const wiped = remoteOf(node, signer.url);
  assert.equal(wiped.signer.signed().height, 0);
  assert.deepEqual(wiped.signer.deriveSecret('a'), first.signer.deriveSecret('a'));
  const conflicting = wiped.signer.signVote({ type: 'precommit', height: 7, round: 0, blockId: hashOf(2), extension });
  assert.deepEqual([conflicting.ok, !conflicting.ok && conflicting.code], [false, 'SIGN_CONFLICT']);
  const old = wiped.signer.signVote({ ...slot, blockId: hashOf(2) });
  assert.deepEqual([old.ok, !old.ok && old.code], [false, 'SIGN_SLOT_OLD']);
  assert.equal(wiped.signer.signed().height, 0, 'what was refused is not remembered as signed');
  const repeated = wiped.signer.signVote({ type: 'precommit', height: 7, round: 0, blockId: hashOf(1), extension });
  assert.deepEqual(repeated, precommit, 'the same again gives the same');

  // Two nodes with one signer, as after a botched move: each slot has one signature.
  const second = homes('second').node;
  writeFileSync(join(second, 'signer-token'), readFileSync(join(node, 'signer-token')), { mode: 0o600 });
  const other = remoteOf(second, signer.url);
  let both = 0;
  for (let height = 8; height < 20; height++) {
    const [one, two] = [wiped, other].map(({ signer: each }, index) =>
      each.signVote({ ...slot, height, blockId: hashOf(height * 2 + index) }),
    );
    assert.ok(one!.ok && !two!.ok, `height ${height}`);
    both += 1;
  }
  assert.equal(both, 12);

  // kill -9 between: the record was durable before the signature left.
  await kill(signer);
  const gone = wiped.signer.signVote({ ...slot, height: 30, blockId: hashOf(1) });
  assert.deepEqual([gone.ok, !gone.ok && gone.code], [false, 'SIGNER_UNREACHABLE']);
  assert.equal(wiped.signer.proveBeacon(new Uint8Array(40)), null);
  const again = await startSigner(home, signer.url.replace('http://', ''));
  // From the home that never signed: its own record refuses nothing, so the signer is asked.
  const third = remoteOf(second, again.url);
  const after = third.signer.signVote({ ...slot, height: 19, blockId: hashOf(5) });
  assert.equal(after.ok, false);
  await again.said(/signature refused/);

  refused(() => remoteOf(node, again.url, 'ab'.repeat(32)), 'SIGNER_UNTRUSTED');
  refused(() => remoteOf(node, 'http://10.1.2.3:9600'), 'SIGNER_URL_UNSAFE');
  const wrong = { genesisHash: hashOf(3), chainId, operator, home: node, named: null, files: systemFiles };
  const config = { url: again.url, token: readToken(join(node, 'signer-token')) };
  refused(() => openRemoteSigner({ ...wrong, config }), 'SIGNER_FOREIGN');
  refused(
    () =>
      openRemoteSigner({
        ...wrong,
        genesisHash: genesisHash(genesis),
        operator: addressOf(publicKeyOf(vrfSeed(3))),
        config,
      }),
    'SIGNER_FOREIGN',
  );
  for (const each of [first, wiped, other, third]) await each.close();

  const busy = await synod(['signer', '--home', home, '--listen', '127.0.0.1:0']);
  assert.match(busy.stderr, /already runs/);
  const locked = await synod(['slashing-protection', 'export', '--home', home, '--json']);
  assert.match(locked.stderr, /DATA_DIR_IN_USE/);
  await kill(again, 'SIGTERM');
  assert.equal(again.child.exitCode, 0);
});

test('only who knows the token is answered or believed, and nothing but whole typed requests is signed', {
  timeout: 300_000,
}, async () => {
  const { node, signer: home } = homes('wire');
  takeKeys(home, node, 'http://127.0.0.1:9600');
  const signer = await startSigner(home);
  assert.equal(await (await fetch(`${signer.url}/upcheck`)).text(), 'OK');
  for (const path of ['/api/v1/publicKeys', '/api/v1/info', '/', `/api/v1/sign/0x${publicKey}`])
    assert.equal(
      (
        await fetch(`${signer.url}${path}`, {
          headers: { 'x-synod-nonce': 'a'.repeat(64), 'x-synod-request': 'b'.repeat(64) },
        })
      ).status,
      401,
    );

  // Something else on the signer's port learns no token, and what it says is not believed.
  const heard: string[] = [];
  const impostor = createServer((request, response) => {
    heard.push(JSON.stringify(request.headers));
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  await once(impostor.listen(0, '127.0.0.1'), 'listening');
  const { port } = impostor.address() as AddressInfo;
  const token = readToken(join(node, 'signer-token'));
  // It answers from this thread, which the node's call would block: so it is asked by a process of its own.
  const asked = start(['start', '--home', node, '--signer', `http://127.0.0.1:${port}`, '--json']);
  await once(asked.child, 'exit');
  impostor.close();
  assert.match(asked.log(), /SIGNER_UNTRUSTED/);
  assert.ok(heard.length > 0 && heard.every((headers) => !headers.includes(token)));

  for (const [args, message] of [
    [['--listen', '0.0.0.0:0'], /SIGNER_TLS_REQUIRED/],
    [['--listen', 'nowhere'], /HOST:PORT/],
    [['--tls-cert', 'x.pem'], /--tls-key/],
  ] as const) {
    const ended = await synod(['signer', '--home', home, ...args, '--json']);
    assert.match(ended.stderr, message);
  }
  await kill(signer, 'SIGTERM');
});

test('a validator whose keys are elsewhere makes blocks, misses while its signer is away, and goes on when it is back', {
  timeout: 300_000,
}, async () => {
  const { node, signer: home } = homes('chain');
  takeKeys(home, node, 'http://127.0.0.1:9600');
  placeSigner(node, {});
  const first = await startSigner(home);
  const running = start(['start', '--home', node, '--signer', first.url, '--json'], 'debug');
  await running.said(/"height":5,[^\n]*block applied/);
  await kill(first);
  // Why it does not sign is said, and the head stays.
  const [, why = ''] = await running.said(/"reason":"([^"]+)"[^\n]*signature refused/);
  assert.match(why, /the signer at .* cannot be reached/);
  const head = () =>
    Math.max(...[...running.log().matchAll(/"height":(\d+),[^\n]*block applied/g)].map(([, height]) => Number(height)));
  const stopped = head();
  const second = await startSigner(home, first.url.replace('http://', ''));
  await running.said(new RegExp(`"height":${stopped + 5},[^\\n]*block applied`));
  assert.ok(!running.log().includes('SIGN_CONFLICT'));
  await kill(running, 'SIGTERM');
  assert.equal(running.child.exitCode, 0, running.log());
  await kill(second, 'SIGTERM');
});
