/** `synod validator rotate` against production hosts: new keys on disk first, then on chain, then in use without a restart. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { publicKeyOf, readPool, readValidatorRecord } from '@synod/chain';
import { beginSignState, rotatedSignState } from '@synod/node';
import { consensusSeed, operatorOf, operatorSeed, vrfSeed } from '../../node/test/host/lab.ts';
import { rotateKeys } from '../src/commands/validator-rotate.ts';
import { retireKeys } from '../src/join/retire-keys.ts';
import { readNodeHome, writeNodeHome } from '../src/node-home.ts';
import { createNodeClient } from '../src/rpc/node-client.ts';
import { standingLines } from '../src/staking/validator-text.ts';
import { serveLab } from './lab-server.ts';

const staking = { epochHeights: 10, evidenceAgeHeights: 24, trustingPeriodMs: 1_000, unbondingHeights: 200 };
const ROTATES = 1;

test('a running node goes over to keys that were stored before they were given, and loses no height to it', async (t) => {
  const { lab, url, run, keyFile } = await serveLab(t, { staking });
  const who = operatorOf(ROTATES);
  const labNode = lab.nodes[ROTATES]!;
  const home = labNode.home;
  const keys = {
    operator: who,
    consensusSeed: consensusSeed(ROTATES),
    vrfSeed: vrfSeed(ROTATES),
    rotated: [],
    networkSeed: vrfSeed(9),
    experts: [],
    devAccounts: [],
  };
  const p2p = { listen: '/ip4/127.0.0.1/tcp/9546', bootstrap: [] };
  writeNodeHome(
    home,
    { formatVersion: 1, name: 'val-1', rpc: { host: '127.0.0.1', port: 9545 }, p2p, modelDirectory: null },
    keys,
  );
  labNode.rotated = () => {
    const { consensusSeed: first, vrfSeed: beacon, rotated } = readNodeHome(home).keys;
    return [{ consensusSeed: first!, vrfSeed: beacon! }, ...rotated];
  };
  const flags = { json: false, debug: false, rpc: url, home, keyFile: keyFile(operatorSeed(ROTATES)) };
  const node = createNodeClient(url);
  const told = async (): Promise<string> => {
    const [info, params] = [await node.call('staking_validator', { address: who }), await node.call('staking_params')];
    const own = { role: 'validator', roleReason: null, signingKey: `0x${labNode.host!.signingKey}` } as const;
    return standingLines(info, { ...params, name: 'val-1', node: own }).join('\n');
  };

  run(() => lab.heightEverywhere() >= 2);
  await assert.rejects(rotateKeys(flags), {
    code: 'ROTATION_TOO_SOON',
    message: /less than an epoch ago.*from block 10 on/,
  });
  assert.deepEqual(readNodeHome(home).keys.rotated, [], 'no keys were made');
  run(() => lab.heightEverywhere() >= staking.epochHeights + 1);
  await assert.rejects(rotateKeys({ ...flags, keyFile: keyFile(operatorSeed(2)) }), { code: 'HOME_INVALID' });
  assert.match(await told(), /signs with the key that the set names/);

  // As a command leaves it that died after the keys were stored: these are given, and no others are made.
  const stored = { consensusSeed: consensusSeed(8), vrfSeed: vrfSeed(8) };
  const fresh = publicKeyOf(stored.consensusSeed);
  const stateFile = rotatedSignState(home, fresh);
  beginSignState({ stateFile, chainId: 'lab', consensusSeed: stored.consensusSeed });
  writeNodeHome(home, readNodeHome(home).node, { ...keys, rotated: [stored] });

  const lines = (await rotateKeys(flags)).lines.join('\n');
  assert.match(lines, /has given itself new keys/);
  assert.match(lines, /They act from block \d+ on, in about \d+ s \([\d:]+\); until then the old ones sign/);
  assert.match(lines, /no restart is needed/);
  assert.deepEqual(readNodeHome(home).keys.rotated.length, 1, 'the stored keys, not others');
  assert.equal(readPool(lab.nodes[0]!.head.state, who)!.publicKey, fresh);
  assert.match(await told(), /rotates +key 0x[0-9a-f]{12}… signs from block \d+ on/);
  assert.match(await told(), /signs with the key that the set names/);
  assert.equal(retireKeys(home, publicKeyOf(consensusSeed(ROTATES))), 0, 'the old keys are in force');

  const named = () =>
    readValidatorRecord(lab.nodes[0]!.head.state).validators.find(({ operator }) => operator === who)!;
  const entry = () => readValidatorRecord(lab.nodes[0]!.head.state).rotation.find(({ operator }) => operator === who)!;
  run(() => named().publicKey === fresh);
  const first = lab.nodes[0]!.head.height + 1;
  run(() => lab.heightEverywhere() >= first + 8);
  assert.ok(entry().lastSignedHeight >= first + 5, 'the new key signs, in a node that never stopped');
  assert.equal(labNode.host!.signingKey, fresh);
  assert.equal(labNode.host!.observerReason, null);
  const rounds = labNode.events.flatMap((event) => (event.kind === 'blockApplied' ? [event.round] : []));
  assert.ok(
    rounds.every((round) => round === 0),
    'no height took a second round',
  );
  assert.match(await told(), /next {4}nothing to do/);

  assert.equal(retireKeys(home, `0x${fresh}`), 1);
  const after = readNodeHome(home).keys;
  assert.deepEqual([publicKeyOf(after.consensusSeed!), after.rotated], [fresh, []]);
  const [retired] = JSON.parse(readFileSync(join(home, 'retired-keys.json'), 'utf8'));
  assert.equal(retired.publicKey, publicKeyOf(consensusSeed(ROTATES)));

  // After a restart the key in force signs at once, from its own sign state.
  labNode.crash();
  labNode.restart();
  assert.deepEqual([labNode.host!.signingKey, labNode.host!.observerReason], [fresh, null]);
  const back = lab.heightEverywhere();
  run(() => lab.heightEverywhere() >= back + 6);
  assert.ok(entry().lastSignedHeight > back);

  // Once more, with keys that the command makes itself.
  await rotateKeys(flags);
  const [next] = readNodeHome(home).keys.rotated;
  const third = publicKeyOf(next!.consensusSeed);
  assert.notEqual(third, fresh);
  assert.ok(existsSync(rotatedSignState(home, third)), 'its sign state is begun');
  run(() => named().publicKey === third);
  run(() => labNode.host!.signingKey === third);
  const later = lab.heightEverywhere();
  run(() => lab.heightEverywhere() >= later + 5);
  assert.ok(entry().lastSignedHeight > later);
  const reasons = lab.nodes.flatMap(({ penalties }) => penalties.map(({ reason }) => reason));
  assert.deepEqual(
    reasons.filter((reason) => /invalid|not proven/.test(reason)),
    [],
  );
});
