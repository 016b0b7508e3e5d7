/**
 * Four nodes over 300 blocks with queries and transfers, one killed with SIGKILL and restarted twice: do all chains agree,
 * and is every nano accounted for? Afterwards the databases are opened and compared, not asked over RPC.
 * Run: node bootstrap.mjs run bench/consistency/run.ts [--blocks 300] [--model tiny]
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { checkSupply, decodeBlock, type Hash, readSupply, StateTree } from '@synod/chain';
import { openStore } from '@synod/node/adapters';
import { Devnet, runSynod } from '../../test/e2e/devnet-process.ts';
import { report } from '../table.ts';

const { values: flags } = parseArgs({
  options: { blocks: { type: 'string', default: '300' }, model: { type: 'string', default: 'tiny' } },
});
const blocks = Number(flags.blocks);

const devnet = await Devnet.start({ model: flags.model });
const counts = { queries: 0, failedQueries: 0, transfers: 0, kills: 0 };
let isOver = false;

try {
  const work = [asking(), sending()];
  await reach(blocks / 4);
  await killAndRestart();
  await reach(blocks / 2);
  await killAndRestart();
  await reach(blocks);
  isOver = true;
  await Promise.all(work);
  await devnet.until('all nodes level', 30_000, async () => {
    const heights = await Promise.all([0, 1, 2, 3].map((index) => devnet.height(index)));
    return Math.max(...heights) - Math.min(...heights) <= 1;
  });
  await devnet.stop();
  const chains = await Promise.all(devnet.info.nodes.map(({ name }) => readChain(name)));
  print(chains);
} finally {
  await devnet.remove();
}

type Chain = {
  readonly hashes: readonly string[];
  readonly roots: readonly string[];
  readonly supplyOk: boolean;
  readonly issued: bigint;
  readonly burnt: bigint;
};

async function reach(height: number): Promise<void> {
  await devnet.until(`height ${height}`, blocks * 3_000, async () => (await devnet.height()) >= height);
}

async function asking(): Promise<void> {
  for (let index = 0; !isOver; index++) {
    const result = await runSynod(['ask', `Question number ${index}?`, '--rpc', devnet.url(index % 3), '--json']);
    if (result.code === 0) counts.queries += 1;
    else counts.failedQueries += 1;
  }
}

async function sending(): Promise<void> {
  const to = devnet.info.accounts[1]!.address;
  while (!isOver) {
    const result = await runSynod([
      'send',
      to,
      '0.001',
      '--from',
      'carol',
      '--rpc',
      devnet.url(1),
      '--data-dir',
      devnet.dataDir,
      '--json',
    ]);
    if (result.code === 0) counts.transfers += 1;
  }
}

async function killAndRestart(): Promise<void> {
  const { name } = devnet.info.nodes[3]!;
  const status = await runSynod(['devnet', 'status', '--data-dir', devnet.dataDir, '--json']);
  const listed = (JSON.parse(status.stdout) as { nodes: { name: string; pid: number }[] }).nodes;
  process.kill(listed.find((node) => node.name === name)!.pid, 'SIGKILL');
  counts.kills += 1;
  await reach((await devnet.height()) + 10);
  const started = await runSynod(['devnet', 'start', name, '--data-dir', devnet.dataDir, '--json']);
  if (started.code !== 0) throw new Error(started.stderr);
}

async function readChain(name: string): Promise<Chain> {
  const directory = join(devnet.dataDir, name, 'chain');
  const { chainId, genesisHash } = devnet.info;
  const opened = await openStore({
    directory,
    chainId,
    genesisHash: genesisHash.replace(/^0x/, '') as Hash,
    deliver: () => undefined,
  });
  const hashes: string[] = [];
  const roots: string[] = [];
  for (let height = 1; height <= opened.boot!.stateHeight; height++) {
    const stored = opened.store.block(height)!;
    const block = decodeBlock(stored.block);
    if (!block.ok) throw new Error(`block ${height} of ${name}: ${block.reason}`);
    hashes.push(stored.hash);
    roots.push(block.value.header.stateRoot);
  }
  const state = StateTree.fromEntries(opened.boot!.entries.map(([key, value]) => ({ key, value })));
  await opened.close();
  const { issued, burnt } = readSupply(state);
  return { hashes, roots, supplyOk: checkSupply(state).ok, issued, burnt };
}

function print(chains: readonly Chain[]): void {
  const height = Math.min(...chains.map(({ hashes }) => hashes.length));
  const differing = (pick: (chain: Chain) => readonly string[]) =>
    Array.from({ length: height }, (_, index) => new Set(chains.map((chain) => pick(chain)[index]))).filter(
      (set) => set.size > 1,
    ).length;
  const hashes = differing((chain) => chain.hashes);
  const roots = differing((chain) => chain.roots);
  const conserved = chains.every(({ supplyOk, issued }) => supplyOk && issued === chains[0]!.issued);
  report(
    'consistency',
    [
      { figure: 'blocks compared', value: String(height), goal: `≥ ${blocks}`, met: height >= blocks },
      {
        figure: 'queries settled, transfers',
        value: `${counts.queries} (${counts.failedQueries} failed), ${counts.transfers}`,
        goal: '–',
        met: null,
      },
      { figure: 'kills with SIGKILL and restarts', value: String(counts.kills), goal: '2', met: counts.kills === 2 },
      { figure: 'differing block hashes', value: String(hashes), goal: '0', met: hashes === 0 },
      { figure: 'differing state roots', value: String(roots), goal: '0', met: roots === 0 },
      { figure: 'supply conserved to the nano', value: conserved ? 'yes' : 'no', goal: 'yes', met: conserved },
    ],
    {
      counts,
      height,
      issued: chains.map(({ issued }) => issued.toString()),
      burnt: chains.map(({ burnt }) => burnt.toString()),
    },
  );
}
