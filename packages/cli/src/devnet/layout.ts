/**
 * Where a devnet keeps what, and which ports its nodes take. Owns names; writing is done by the modules beside it.
 */
import { join } from 'node:path';

export const HOST = '127.0.0.1';
const PORTS_PER_NODE = 10;

export type NodePlace = {
  readonly name: string;
  readonly home: string;
  readonly log: string;
  readonly rpcPort: number;
  readonly p2pPort: number;
};

/** Files and folders directly in the data directory. */
export function layoutOf(directory: string) {
  return {
    directory,
    /** What the chain was made of; written last, so that its presence means the folder is complete. */
    chain: join(directory, 'chain.json'),
    genesis: join(directory, 'genesis.json'),
    /** Present while the devnet is ready. */
    record: join(directory, 'devnet.json'),
    lock: join(directory, 'supervisor.lock'),
    control: join(directory, 'supervisor.json'),
    logs: join(directory, 'logs'),
    supervisorLog: join(directory, 'logs', 'supervisor.log'),
  };
}

export type Layout = ReturnType<typeof layoutOf>;

/** Names that belong to a devnet in its data directory: all that --reset may delete. */
export function isDevnetEntry(name: string): boolean {
  return /^(chain|genesis|devnet|supervisor)\.json(\.\d+\.tmp)?$|^supervisor\.lock$|^logs$|^val-\d+$/.test(name);
}

/** Node i serves RPC on port base + 10·i and p2p one above. */
export function nodePlaces(directory: string, count: number, portBase: number): NodePlace[] {
  return Array.from({ length: count }, (_, index) => {
    const name = `val-${index}`;
    const rpcPort = portBase + PORTS_PER_NODE * index;
    return {
      name,
      home: join(directory, name),
      log: join(directory, 'logs', `${name}.log`),
      rpcPort,
      p2pPort: rpcPort + 1,
    };
  });
}

export function rpcUrlOf(place: NodePlace): string {
  return `http://${HOST}:${place.rpcPort}`;
}
