/**
 * What a signature by a remote signer costs against one by a key at hand, each durable: prevotes in turn, so that other load meets both. Starts a signer
 * process on loopback and ends it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { genesisHash, genesisToJson, type Hash } from '../../packages/chain/src/index.ts';
import { readToken } from '../../packages/cli/src/keys/remote-signer.ts';
import { takeKeys } from '../../packages/cli/src/keys/signer-home.ts';
import { writeNodeHome } from '../../packages/cli/src/node-home.ts';
import { systemFiles } from '../../packages/node/src/adapters/durable-files.ts';
import { openRemoteSigner } from '../../packages/node/src/adapters/remote-signer.ts';
import { openConsensusSigner } from '../../packages/node/src/adapters/signer-file.ts';
import { consensusSeed, Lab, operatorOf, vrfSeed } from '../../packages/node/test/host/lab.ts';

const VOTES = 300;
const folder = mkdtempSync(join(tmpdir(), 'synod-bench-signer-'));
const { genesis } = new Lab({ validators: 1 });
const { chainId } = genesis;
const operator = operatorOf(0);
const [node, home] = [join(folder, 'node'), join(folder, 'signer')];
writeNodeHome(
  node,
  {
    formatVersion: 1,
    name: 'bench',
    rpc: { host: '127.0.0.1', port: 0 },
    p2p: { listen: '', bootstrap: [] },
    modelDirectory: null,
  },
  {
    operator,
    consensusSeed: consensusSeed(0),
    vrfSeed: vrfSeed(0),
    rotated: [],
    networkSeed: vrfSeed(1),
    experts: [],
    devAccounts: [],
  },
);
writeFileSync(join(node, 'genesis.json'), JSON.stringify(genesisToJson(genesis)));
takeKeys(home, node, 'http://127.0.0.1:9600');
const root = resolve(import.meta.dirname, '../..');
const signer = spawn(join(root, 'synod'), ['signer', '--home', home, '--listen', '127.0.0.1:0', '--json'], {
  stdio: ['ignore', 'pipe', 'ignore'],
});
try {
  const [line] = (await once(signer.stdout, 'data')) as [Buffer];
  const { url } = JSON.parse(line.toString()) as { url: string };
  const config = { url, token: readToken(join(node, 'signer-token')), answerMs: 10_000 };
  const remote = openRemoteSigner({
    chainId,
    genesisHash: genesisHash(genesis),
    operator,
    home: node,
    named: null,
    config,
    files: systemFiles,
  });
  const stateFile = join(folder, 'local', 'sign-state');
  const local = openConsensusSigner({
    chainId,
    operator,
    consensusSeed: consensusSeed(0),
    vrfSeed: vrfSeed(0),
    stateFile,
  });
  const took = { local: [] as number[], remote: [] as number[] };
  for (let height = 1; height <= VOTES; height++) {
    for (const [name, each] of [
      ['local', local],
      ['remote', remote.signer],
    ] as const) {
      const startMs = performance.now();
      const signed = each.signVote({
        type: 'prevote',
        height,
        round: 0,
        blockId: 'ab'.repeat(32) as Hash,
        extension: null,
      });
      took[name].push(performance.now() - startMs);
      if (!signed.ok) throw new Error(signed.reason);
    }
  }
  const row = (list: number[]) => {
    list.sort((a, b) => a - b);
    const at = (share: number) => (list[Math.floor(list.length * share)] ?? 0).toFixed(2);
    return { 'p50 ms': at(0.5), 'p90 ms': at(0.9), 'p99 ms': at(0.99) };
  };
  console.table({ 'key at hand': row(took.local), 'remote signer': row(took.remote) });
  await remote.close();
} finally {
  signer.kill();
  rmSync(folder, { recursive: true, force: true });
}
