/**
 * Network namespaces for a chaos run: one for the run, joined by a bridge to one for each node, so that a cut loses packets in
 * silence as a broken cable does. Owns the bridge, its addresses and the cuts; entering.ts owns how a process gets here. All of it
 * ends with the process that made it.
 */
import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { promisify } from 'node:util';

const run = promisify(execFile);

const BRIDGE = 'br0';
const PREFIX = '10.77.0';
/** The run's own address on the bridge; nodes take those from 1 on. */
const OWN_ADDRESS = `${PREFIX}.254`;
/** Belongs to no interface: frames sent to it are lost. */
const NOBODY = '02:00:00:00:00:ff';
const NAMES = '/run/netns';

/** The networks of the nodes of one run. */
export type NodeNetwork = {
  addressOf(index: number): string;
  /** A file that `nsenter --net=` takes. */
  namespaceOf(index: number): string;
  /** Nothing passes between the nodes named and the others, in either direction. */
  cut(nodes: readonly number[]): Promise<void>;
  /** Undoes every cut. */
  heal(): Promise<void>;
};

/**
 * Makes the bridge and the nodes' networks in the namespaces of this process, which must be its own. Rejects with what a command
 * of the system said.
 */
export async function createNodeNetwork(count: number): Promise<NodeNetwork> {
  // A folder that this process alone sees: names of namespaces are files there.
  await run('mount', ['-t', 'tmpfs', 'none', '/run']);
  mkdirSync(NAMES);
  await ip('link', 'set', 'lo', 'up');
  await ip('link', 'add', BRIDGE, 'type', 'bridge');
  await ip('addr', 'add', `${OWN_ADDRESS}/24`, 'dev', BRIDGE);
  await ip('link', 'set', BRIDGE, 'up');
  for (let index = 0; index < count; index += 1) await addNode(index);
  return new BridgedNetwork(count);
}

async function addNode(index: number): Promise<void> {
  const [name, link] = [nameOf(index), `to-${nameOf(index)}`];
  await ip('netns', 'add', name);
  await ip('link', 'add', link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
  await ip('link', 'set', link, 'master', BRIDGE, 'up');
  await ip('-n', name, 'link', 'set', 'lo', 'up');
  await ip('-n', name, 'addr', 'add', `${addressOf(index)}/24`, 'dev', 'eth0');
  await ip('-n', name, 'link', 'set', 'eth0', 'up');
  // Multicast takes it too. Nothing is forwarded beyond the bridge.
  await ip('-n', name, 'route', 'add', 'default', 'via', OWN_ADDRESS);
}

class BridgedNetwork implements NodeNetwork {
  readonly #count: number;
  /** For each node, whom it cannot reach. */
  readonly #lost: readonly Set<number>[];

  constructor(count: number) {
    this.#count = count;
    this.#lost = Array.from({ length: count }, () => new Set<number>());
  }

  addressOf(index: number): string {
    return addressOf(index);
  }

  namespaceOf(index: number): string {
    return `${NAMES}/${nameOf(index)}`;
  }

  async cut(nodes: readonly number[]): Promise<void> {
    const pairs = nodes.flatMap((inside) => this.#others(nodes).map((outside) => [inside, outside] as const));
    await Promise.all(pairs.flatMap(([a, b]) => [this.#lose(a, b), this.#lose(b, a)]));
  }

  async heal(): Promise<void> {
    const found = this.#lost.flatMap((lost, from) => [...lost].map((to) => this.#find(from, to)));
    await Promise.all(found);
  }

  #others(nodes: readonly number[]): number[] {
    return Array.from({ length: this.#count }, (_, index) => index).filter((index) => !nodes.includes(index));
  }

  async #lose(from: number, to: number): Promise<void> {
    this.#lost[from]!.add(to);
    const neighbour = ['neigh', 'replace', addressOf(to), 'lladdr', NOBODY, 'dev', 'eth0', 'nud', 'permanent'];
    await ip('-n', nameOf(from), ...neighbour);
  }

  async #find(from: number, to: number): Promise<void> {
    await ip('-n', nameOf(from), 'neigh', 'del', addressOf(to), 'dev', 'eth0');
    this.#lost[from]!.delete(to);
  }
}

function nameOf(index: number): string {
  return `val-${index}`;
}

function addressOf(index: number): string {
  return `${PREFIX}.${index + 1}`;
}

async function ip(...words: readonly string[]): Promise<void> {
  await run('ip', words);
}
