/**
 * What tests want to see inside network namespaces of their own: started by namespaces.test.ts under `unshare`, prints one line of
 * JSON. Owns no judgement.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Cluster } from '../../src/chaos/cluster.ts';
import { createNodeNetwork, type NodeNetwork } from '../../src/chaos/namespaces.ts';
import { placedIn } from '../../src/chaos/run-chaos.ts';
import { layoutOf } from '../../src/devnet/layout.ts';
import { parseDevnetOptions } from '../../src/devnet/options.ts';
import { prepareDevnet } from '../../src/devnet/prepare.ts';

const PORT = 4_001;
const REACH_MS_MAX = 700;
const BLOCKS_MS_MAX = 150_000;
const BLOCKS = 3;

/** Run in a node's namespace: answers every connection with one word, until its stdin ends. */
const SERVER = `
require('node:net').createServer((s) => s.end('here')).listen(${PORT}, process.argv[1], () => console.log('up'));
process.stdin.on('end', () => process.exit()).resume();`;
const CLIENT = `
const s = require('node:net').connect(${PORT}, process.argv[1]);
s.on('data', (d) => { console.log(String(d)); process.exit(); });
s.on('error', (e) => { console.log(e.code); process.exit(); });
setTimeout(() => { console.log('silence'); process.exit(); }, ${REACH_MS_MAX});`;

const [mode] = process.argv.slice(2);
const network = await createNodeNetwork(4);
console.log(JSON.stringify(mode === 'cut' ? await cuts(network) : await multicast(network)));

/** Who reaches whom before, during and after a cut, as "from-to: word". */
async function cuts(network: NodeNetwork): Promise<object> {
  const servers = await Promise.all([0, 1, 2].map((index) => serve(network, index)));
  const pairs = [
    [0, 1],
    [1, 0],
    [0, 2],
    [2, 0],
    [1, 2],
  ] as const;
  const reached = async () => await Promise.all(pairs.map(([from, to]) => ask(network, from, to)));
  const before = await reached();
  await network.cut([0]);
  const during = await reached();
  const outside = await fromOutside(network.addressOf(0));
  await network.heal();
  const after = await reached();
  for (const server of servers) server.stdin.end();
  return { before, during, outside, after };
}

async function serve(network: NodeNetwork, index: number) {
  const words = [`--net=${network.namespaceOf(index)}`, '--', process.execPath, '-e', SERVER, network.addressOf(index)];
  const server = spawn('nsenter', words, { stdio: ['pipe', 'pipe', 'inherit'] });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.stdout.once('data', () => resolve());
  await promise;
  return server;
}

async function ask(network: NodeNetwork, from: number, to: number): Promise<string> {
  const words = [`--net=${network.namespaceOf(from)}`, '--', process.execPath, '-e', CLIENT, network.addressOf(to)];
  const client = spawn('nsenter', words, { stdio: ['ignore', 'pipe', 'inherit'] });
  return (await text(client.stdout)).trim();
}

/** The run itself goes on reaching a node that is cut off. */
async function fromOutside(address: string): Promise<string> {
  const socket: Socket = connect(PORT, address);
  return await text(socket);
}

/** Four validators that were told no address of another: the height that all reached by finding one another. */
async function multicast(network: NodeNetwork): Promise<object> {
  const dataDir = mkdtempSync(join(tmpdir(), 'synod-multicast-'));
  const options = parseDevnetOptions({ dataDir, portBase: '9545', model: 'none', seed: 'multicast' }, {});
  const prepared = await prepareDevnet({
    options,
    layout: layoutOf(dataDir),
    environment: process.env,
    report: () => undefined,
    signal: new AbortController().signal,
    placed: (place, index) => placedIn(network, place, index),
  });
  for (const { place } of prepared.nodes) forgetPeers(join(place.home, 'node.json'));
  const cluster = new Cluster(prepared.nodes, network);
  cluster.watch();
  const indices = cluster.nodes.map(({ index }) => index);
  await Promise.all(indices.map((index) => cluster.start(index)));
  const isLevel = () => indices.every((index) => (cluster.head(index)?.height ?? 0) >= BLOCKS);
  const isReached = await cluster.until(BLOCKS_MS_MAX, isLevel);
  await cluster.stop();
  if (isReached) rmSync(dataDir, { recursive: true });
  return { isReached };
}

function forgetPeers(file: string): void {
  const node = JSON.parse(readFileSync(file, 'utf8')) as { p2p: { persistent: string[]; bootstrap: string[] } };
  writeFileSync(file, JSON.stringify({ ...node, p2p: { ...node.p2p, persistent: [], bootstrap: [] } }));
}
