/** Homes that are half made or written wrong: each is refused with what, why and what to do next, before anything is started. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { genesisToJson, publicKeyOf, SynodError } from '@synod/chain';
import { Lab } from '../../../node/test/host/lab.ts';
import { initHome } from '../../src/commands/init.ts';
import { runSnapshotList } from '../../src/commands/snapshot.ts';
import { writeJsonAtomic } from '../../src/files/write-file.ts';
import { MAKING, readNodeHome } from '../../src/node-home.ts';
import { requireFreePorts } from '../../src/processes/ports.ts';

const folder = mkdtempSync(join(tmpdir(), 'synod-homes-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const chain = join(folder, 'genesis.json');
writeJsonAtomic(chain, genesisToJson(new Lab({ validators: 1 }).genesis));

const failure = async (act: () => unknown): Promise<SynodError> => {
  try {
    await act();
  } catch (error) {
    assert.ok(error instanceof SynodError, String(error));
    return error;
  }
  throw new Error('it did not fail');
};

test('a home whose making was cut short is known for it, by init and by whoever reads it; a whole one has no mark', async () => {
  const home = join(folder, 'cut');
  writeJsonAtomic(join(home, 'genesis.json'), {});
  writeFileSync(join(home, MAKING), '');
  const again = await failure(() => initHome({ home, chain, json: false, debug: false }));
  assert.equal(again.code, 'HOME_INCOMPLETE');
  assert.match(again.message, /cut short.*rm -r/s);
  const read = await failure(() => readNodeHome(home));
  assert.equal(read.code, 'HOME_INCOMPLETE');
  assert.match(read.message, /node\.json is missing.*cut short.*rm -r/s);
  const whole = join(folder, 'whole');
  await initHome({ home: whole, chain, json: false, debug: false });
  assert.equal(existsSync(join(whole, MAKING)), false);
  assert.equal((await failure(() => initHome({ home: whole, chain, json: false, debug: false }))).code, 'HOME_EXISTS');
});

test('of two makings of one home at once only one is told, and its words are the home’s', async () => {
  const home = join(folder, 'twice');
  const told = await Promise.allSettled([
    initHome({ home, chain, json: false, debug: false }),
    initHome({ home, chain, json: false, debug: false }),
  ]);
  const [made, ...others] = told.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  assert.equal(others.length, 0, 'two were told their words');
  const { consensusSeed } = readNodeHome(home).keys;
  assert.equal((made!.json as { publicKey: string }).publicKey, `0x${publicKeyOf(consensusSeed!)}`);
});

test('a home that lacks its keys says how they come back, and not that a devnet would do', async () => {
  const home = join(folder, 'lost');
  await initHome({ home, chain, json: false, debug: false });
  rmSync(join(home, 'keys.json'));
  const { code, message } = await failure(() => readNodeHome(home));
  assert.equal(code, 'HOME_INCOMPLETE');
  assert.match(message, /backup restore.*--mnemonic-file/s);
});

test('a folder that is not there is no damaged home: nothing is to be restored', async () => {
  const home = join(folder, 'nowhere');
  const read = await failure(() => readNodeHome(home));
  assert.equal(read.code, 'HOME_INCOMPLETE');
  assert.match(read.message, /^There is no folder .*nowhere\. .*synod init --home/);
  const list = await failure(() => runSnapshotList({ home, json: false, debug: false }));
  assert.deepEqual([list.code, /^There is no folder .*nowhere\. Name/.test(list.message)], ['NOT_FOUND', true]);
});

test('addresses and ports of node.json are checked like those of flags, and named', async () => {
  const home = join(folder, 'wrong');
  await initHome({ home, chain, json: false, debug: false });
  const file = join(home, 'node.json');
  const right = JSON.parse(readFileSync(file, 'utf8'));
  for (const [wrong, field] of [
    [{ rpc: { host: '127.0.0.1', port: 99_999 } }, 'rpc.port'],
    [{ p2p: { listen: 'nonsense', bootstrap: [] } }, 'p2p.listen'],
    [{ p2p: { ...right.p2p, bootstrap: ['127.0.0.1:9546'] } }, 'p2p.bootstrap.0'],
  ] as const) {
    writeJsonAtomic(file, { ...right, ...wrong });
    const { code, message } = await failure(() => readNodeHome(home));
    assert.equal(code, 'HOME_INVALID');
    assert.ok(message.includes(`"${field}"`), message);
  }
  const relayed = `/ip4/203.0.113.5/tcp/1/p2p/${'1'.repeat(52)}/p2p-circuit`;
  writeJsonAtomic(file, { ...right, p2p: { ...right.p2p, bootstrap: [relayed] } });
  assert.deepEqual(readNodeHome(home).node.p2p.bootstrap, [relayed]);
});

test('a port that another has, and an address that this machine has not, are told apart', async (context) => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => server.close());
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const taken = await failure(() => requireFreePorts('127.0.0.1', [address.port], 'Choose another.'));
  assert.equal(taken.code, 'PORT_TAKEN');
  const absent = await failure(() => requireFreePorts('192.0.2.1', [address.port], 'Choose another.'));
  assert.equal(absent.code, 'LISTEN_FAILED');
  assert.match(absent.message, /does not have that address/);
});
