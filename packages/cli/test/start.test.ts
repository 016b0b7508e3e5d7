/** `synod start --home … --checkpoint …` as a real process: what it keeps, and what it refuses. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { genesisHash, genesisToJson } from '@synod/chain';
import { Lab } from '../../node/test/host/lab.ts';
import { writeJsonAtomic } from '../src/files/write-file.ts';
import { readCheckpoint } from '../src/join/checkpoint.ts';
import { writeNodeHome } from '../src/node-home.ts';
import { root, synod } from './command.ts';

const folder = mkdtempSync(join(tmpdir(), 'synod-start-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('a start with --home keeps the checkpoint and is refused by it; a folder that is no home gets none', {
  timeout: 60_000,
}, async () => {
  const nowhere = join(folder, 'nowhere');
  const { genesis } = new Lab({ validators: 1 });
  const right = genesisHash(genesis);
  const refused = await synod(['start', '--home', nowhere, '--checkpoint', `0@${right}`]);
  assert.deepEqual([refused.code, existsSync(nowhere)], [1, false]);

  const home = join(folder, 'home');
  writeJsonAtomic(join(home, 'genesis.json'), genesisToJson(genesis));
  writeNodeHome(
    home,
    {
      formatVersion: 1,
      name: 'one',
      rpc: { host: '127.0.0.1', port: 0 },
      p2p: { listen: '/ip4/127.0.0.1/tcp/0', bootstrap: [] },
      modelDirectory: null,
    },
    {
      operator: null,
      consensusSeed: null,
      vrfSeed: null,
      rotated: [],
      networkSeed: new Uint8Array(32).fill(7),
      experts: [],
      devAccounts: [],
    },
  );
  const start = (hash: string) => ['start', '--home', home, '--sync', 'blocks', '--checkpoint', `0@0x${hash}`];
  const wrong = await synod([...start('ab'.repeat(32)), '--json']);
  assert.equal(wrong.code, 10, wrong.stderr);
  assert.match(wrong.stderr, /CHECKPOINT_MISMATCH/);
  assert.ok(!readdirSync(home).includes('node.lock'));

  const node = spawn(join(root, 'synod'), start(right), { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(node, 'exit');
  let said = '';
  for (const stream of [node.stdout, node.stderr]) {
    stream.on('data', (chunk) => {
      said += chunk;
      if (said.includes('node serves requests')) node.kill('SIGTERM');
    });
  }
  assert.deepEqual(await ended, [0, null], said);
  assert.match(said, /node serves requests/);
  assert.deepEqual(readCheckpoint(home), { height: 0, hash: right });
});
