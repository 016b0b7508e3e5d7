/**
 * Where a devnet keeps what, and which ports its nodes take. Owns names; writing is done by the modules beside it.
 */
import { isIPv6 } from 'node:net';
import { join } from 'node:path';

export const HOST = '127.0.0.1';
/** Listening on these is listening on loopback too. */
const ANY_ADDRESS: readonly string[] = ['0.0.0.0', '::'];
const PORTS_PER_NODE = 10;

export type NodePlace = {
  readonly name: string;
  readonly home: string;
  readonly log: string;
  readonly rpcHost: string;
  readonly rpcPort: number;
  readonly p2pHost: string;
  readonly p2pPort: number;
  /** A network namespace that the node runs in, as `nsenter --net=` takes it; null: that of whoever starts it. */
  readonly namespace: string | null;
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
    /** States of the whole devnet, by name. */
    snapshots: join(directory, 'snapshots'),
    /** Files of "dev_dumpState". */
    dumps: join(directory, 'dumps'),
    /** Present from the moment a restoration is decided until it is done; see snapshot-swap.ts. */
    restore: join(directory, 'restore.json'),
    staged: join(directory, 'restoring'),
    logs: join(directory, 'logs'),
    supervisorLog: join(directory, 'logs', 'supervisor.log'),
  };
}

export type Layout = ReturnType<typeof layoutOf>;

/** Names that belong to a devnet in its data directory: all that --reset may delete. */
export function isDevnetEntry(name: string): boolean {
  return /^(chain|genesis|devnet|supervisor|restore)\.json(\.\d+\.tmp)?$|^supervisor\.lock$|^(logs|snapshots|dumps|restoring(\.part)?)$|^val-\d+$/.test(
    name,
  );
}

/** Node i serves RPC on port base + 10·i and p2p one above. */
export function nodePlaces(
  directory: string,
  count: number,
  { portBase, host }: { readonly portBase: number; readonly host: string },
): NodePlace[] {
  return Array.from({ length: count }, (_, index) => {
    const name = `val-${index}`;
    const rpcPort = portBase + PORTS_PER_NODE * index;
    return {
      name,
      home: join(directory, name),
      log: join(directory, 'logs', `${name}.log`),
      rpcHost: host,
      rpcPort,
      p2pHost: HOST,
      p2pPort: rpcPort + 1,
      namespace: null,
    };
  });
}

export function rpcUrlOf(place: NodePlace): string {
  const { rpcHost: host, rpcPort } = place;
  const reached = ANY_ADDRESS.includes(host) ? HOST : isIPv6(host) ? `[${host}]` : host;
  return `http://${reached}:${rpcPort}`;
}
