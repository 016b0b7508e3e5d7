/** Keys that a signer holds, registered and rotated (keys §5.8): by the commands, with the signer and the node as processes of their own. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { genesisHash, publicKeyOf, readPool } from '@synod/chain';
import { listSignStates, openRemoteKeys, signStateOf } from '@synod/node/signing';
import { consensusSeed, Lab, operatorOf, operatorSeed, vrfSeed } from '../../../node/test/host/lab.ts';
import { runValidatorCreate } from '../../src/commands/validator-create.ts';
import { readToken } from '../../src/keys/remote-signer.ts';
import { takeKeys } from '../../src/keys/signer-home.ts';
import { readKeysIfAny, readNodeHome } from '../../src/node-home.ts';
import { createNodeClient } from '../../src/rpc/node-client.ts';
import { synod } from '../command.ts';
import { serveLab } from '../lab-server.ts';
import { homesOf, kill, placeSigner, start, startSigner } from './signer-process.ts';

const staking = { epochHeights: 10, evidenceAgeHeights: 24, trustingPeriodMs: 1_000, unbondingHeights: 200 };
const URL_LATER = 'http://127.0.0.1:9600';
const NEWCOMER = 4;

test('a validator is created whose keys a signer holds: the signer proves them, and the home gets none', {
  timeout: 240_000,
}, async (t) => {
  const { lab, url, run, keyFile } = await serveLab(t, { staking, newcomers: 1 });
  const { node: home, signer: signerHome } = homesOf(lab.genesis, 'create', NEWCOMER);
  takeKeys(signerHome, home, URL_LATER);
  const create = (flags: { readonly keyFile: string; readonly signer?: string }) =>
    runValidatorCreate({ json: true, debug: false, rpc: url, home, bond: '100', commission: '5%', ...flags });
  const own = keyFile(operatorSeed(NEWCOMER));
  run(() => lab.heightEverywhere() >= 2);
  await assert.rejects(create({ keyFile: own, signer: 'http://127.0.0.1:1' }), {
    code: 'SIGNER_UNREACHABLE',
    message: /synod signer --home/,
  });
  const signer = await startSigner(signerHome);
  await assert.rejects(create({ keyFile: keyFile(operatorSeed(2)), signer: signer.url }), { code: 'HOME_INVALID' });
  const pool = () => readPool(lab.nodes[0]!.head.state, operatorOf(NEWCOMER));
  assert.equal(pool(), null, 'nothing was sent');

  await create({ keyFile: own, signer: signer.url });
  assert.deepEqual(
    [pool()!.publicKey, pool()!.vrfKey],
    [publicKeyOf(consensusSeed(NEWCOMER)), publicKeyOf(vrfSeed(NEWCOMER))],
  );
  assert.equal(readNodeHome(home).keys.consensusSeed, null, 'the keys stay where they are');
  await signer.said(/a request about keys was answered/);
  await kill(signer, 'SIGTERM');
});

test('a key has one successor, whatever is asked and however the signer ends', { timeout: 240_000 }, async () => {
  const { genesis } = new Lab({ validators: 1 });
  const { node: home, signer: signerHome } = homesOf(genesis, 'successor');
  takeKeys(signerHome, home, URL_LATER);
  const first = await startSigner(signerHome);
  const owner = { chainId: genesis.chainId, genesisHash: genesisHash(genesis), operator: operatorOf(0) };
  const token = readToken(join(home, 'signer-token'));
  const open = (url: string) => openRemoteKeys({ url, token }, owner);
  const keys = open(first.url);
  const [key] = keys.publicKeys;
  const next = keys.successor(key);
  // Durable before it was told, and its record with it.
  await kill(first);
  assert.deepEqual(
    readKeysIfAny(signerHome)!.rotated.map((seeds) => publicKeyOf(seeds.consensusSeed)),
    [next],
  );
  assert.deepEqual(
    listSignStates(signerHome).map(({ publicKey }) => publicKey),
    [key, next],
  );
  assert.throws(() => keys.successor(key), { code: 'SIGNER_UNREACHABLE' });
  await keys.close();
  const second = await startSigner(signerHome);
  const again = open(second.url);
  assert.deepEqual([again.publicKeys, again.successor(key)], [[key, next], next]);
  assert.equal(again.possession(next).publicKey, next);
  assert.throws(() => again.successor(publicKeyOf(vrfSeed(0))), { code: 'SIGNER_FOREIGN' });
  await again.close();
  await kill(second, 'SIGTERM');
});

test('a running node goes over to the key that its signer made, and the record covers both', {
  timeout: 300_000,
}, async (t) => {
  const { keyFile } = await serveLab(t, {});
  const { genesis } = new Lab({ validators: 1, staking });
  const { node: home, signer: signerHome } = homesOf(genesis, 'rotate');
  takeKeys(signerHome, home, URL_LATER);
  const signer = await startSigner(signerHome);
  placeSigner(home, { url: signer.url });
  const old = publicKeyOf(consensusSeed(0));
  const running = start(['start', '--home', home, '--json'], 'debug');
  const [, rpc = ''] = await running.said(/"rpc":"([^"]+)"/);
  const client = createNodeClient(rpc);
  await running.said(/"height":11,[^\n]*block applied/);
  const rotated = await synod([
    ...['validator', 'rotate', '--home', home, '--rpc', rpc],
    ...['--key-file', keyFile(operatorSeed(0)), '--json'],
  ]);
  assert.equal(rotated.code, 0, rotated.stderr);
  const { publicKey } = JSON.parse(rotated.stdout) as { publicKey: string };
  const fresh = publicKey.slice(2);
  assert.notEqual(fresh, old);

  // One validator alone: each block after that is signed by the new key, or there is none.
  await running.said(/validator keys changed/);
  const until = Number((await client.status()).head.height) + 5;
  await running.said(new RegExp(`"height":${until},[^\\n]*block applied`));
  assert.equal((await client.status()).signingKey, publicKey);
  const doctor = await synod(['doctor', '--home', home, '--rpc', rpc, '--json']);
  const { findings } = JSON.parse(doctor.stdout) as { findings: readonly { check: string; verdict: string }[] };
  const told = findings.filter(({ check }) => check === 'key' || check === 'signing');
  assert.deepEqual(
    told.map(({ verdict }) => verdict),
    ['ok', 'ok'],
    doctor.stdout,
  );
  await kill(running, 'SIGTERM');
  await kill(signer, 'SIGTERM');
  assert.equal(running.child.exitCode, 0, running.log());
  assert.ok(!/SIGN_CONFLICT|SIGN_STATE_FOREIGN/.test(running.log()));

  for (const each of [home, signerHome]) {
    const states = listSignStates(each);
    const heightOf = (key: string) => states.find((state) => state.publicKey === key)?.state.height ?? 0;
    assert.ok(heightOf(old) >= 11 && heightOf(old) < until - 1, `the old key signed until the new one acted (${each})`);
    assert.ok(heightOf(fresh) >= until, `the new one from then on (${each})`);
  }
  const exported = await synod(['slashing-protection', 'export', '--home', signerHome]);
  const { data } = JSON.parse(exported.stdout) as { data: readonly { readonly pubkey: string }[] };
  assert.deepEqual(data.map(({ pubkey }) => pubkey).sort(), [`0x${old}`, publicKey].sort());

  // A restart signs with the new key at once, from its own record.
  assert.match(signStateOf(home, fresh as typeof old), /sign-state\.[0-9a-f]{16}$/);
  const back = await startSigner(signerHome, signer.url.replace('http://', ''));
  const again = start(['start', '--home', home, '--json'], 'debug');
  const signed = listSignStates(signerHome).find((state) => state.publicKey === fresh)!.state.height;
  await again.said(new RegExp(`"height":${signed + 4},[^\\n]*block applied`));
  await kill(again, 'SIGTERM');
  await kill(back, 'SIGTERM');
});
