/**
 * A devnet of real nodes whose experts are not all equal: the first two validators host the shipped experts, the third writes without
 * knowledge, the fourth answers from another domain's. Owns the processes it starts and the folder they live in.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { createNodeClient, type NodeClient } from '../../packages/cli/src/rpc/node-client.ts';
import { Devnet, synod } from '../../test/e2e/devnet-process.ts';
import { DOMAINS, type DomainName, strangersDomain } from './population.ts';

type ExpertFile = {
  readonly seed: string;
  readonly profile: Record<string, unknown>;
  readonly knowledge: string | null;
  readonly adapter: string | null;
};

/** By validator: what becomes of its expert of a domain. */
const SPOILT: Readonly<Record<number, (expert: ExpertFile, domain: DomainName) => ExpertFile>> = {
  2: (expert) => ({ ...expert, knowledge: null, adapter: null }),
  3: (expert, domain) => ({
    ...expert,
    knowledge: join(dirname(expert.knowledge!), strangersDomain(domain)),
    adapter: null,
  }),
};
const READY_MS = 120_000;
const STOP_MS = 10_000;

export type LiveNodes = { readonly clients: readonly NodeClient[]; stop(): Promise<void> };

/** Makes the chain with `synod devnet`, changes two validators' experts, and starts the nodes one by one. */
export async function startLiveNodes(model: string): Promise<LiveNodes> {
  const devnet = await Devnet.start({ model });
  const urls = devnet.info.nodes.map(({ rpc }) => rpc);
  await devnet.stop();
  const homes = urls.map((_, index) => join(devnet.dataDir, `val-${index}`));
  for (const [index, home] of homes.entries()) spoil(join(home, 'keys.json'), index);
  const processes = homes.map((home) => spawn(synod, ['start', '--home', home], { stdio: 'ignore' }));
  const clients = urls.map((url) => createNodeClient(url));
  const stop = async () => {
    await Promise.all(processes.map(ended));
    rmSync(devnet.dataDir, { recursive: true, force: true });
  };
  try {
    await Promise.all(clients.map(ready));
  } catch (error) {
    await stop();
    throw error;
  }
  return { clients, stop };
}

function spoil(file: string, validator: number): void {
  const change = SPOILT[validator];
  if (change === undefined) return;
  const keys = JSON.parse(readFileSync(file, 'utf8')) as { experts: readonly ExpertFile[] };
  const experts = keys.experts.map((expert) => {
    const domain = DOMAINS.find((name) => expert.knowledge !== null && basename(expert.knowledge) === name);
    return domain === undefined ? expert : change(expert, domain);
  });
  writeFileSync(file, JSON.stringify({ ...keys, experts }));
}

async function ready(client: NodeClient): Promise<void> {
  const endMs = performance.now() + READY_MS;
  for (;;) {
    const status = await client.status().catch(() => null);
    if (status?.worker.state === 'ready' && status.peers >= 3 && !status.syncing) return;
    if (performance.now() > endMs) throw new Error(`the node at ${client.url} was not ready within ${READY_MS} ms`);
    await new Promise((resume) => setTimeout(resume, 200));
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGINT');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await gone;
  clearTimeout(timer);
}
