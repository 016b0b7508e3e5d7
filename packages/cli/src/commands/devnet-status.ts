/**
 * `synod devnet status`: every node of a running devnet at a glance. Owns the table; numbers come from the nodes.
 */

import { statusLine } from '../devnet/banner.ts';
import { createObserver } from '../devnet/health.ts';
import { layoutOf } from '../devnet/layout.ts';
import { type NodeRecord, readDevnetRecord } from '../devnet/record.ts';
import { createNodeClient } from '../rpc/node-client.ts';
import { displayPath } from '../settings/paths.ts';
import { dataDirectory } from '../settings/settings.ts';
import { SYNOD } from '../terminal/command-name.ts';
import { print, printJson, table } from '../terminal/output.ts';
import { type DevnetTargetFlags, requireRunning } from './devnet-stop.ts';

const REQUEST_TIMEOUT_MS = 2000;

export async function runDevnetStatus(flags: DevnetTargetFlags): Promise<void> {
  const layout = layoutOf(dataDirectory(flags.dataDir, process.env));
  const pid = requireRunning(layout);
  const record = readDevnetRecord(layout);
  if (record === null) {
    if (flags.json) printJson({ running: true, ready: false, pid, dataDir: layout.directory });
    else print(`The devnet on ${displayPath(layout.directory)} is starting (process ${pid}).`);
    return;
  }
  const nodes = await Promise.all(record.nodes.map(describeNode));
  const status = await createObserver()(runningUrls(record.nodes), record.nodes.length);
  if (flags.json) {
    const { chainId, genesisHash, dataDir } = record;
    printJson({ running: true, ready: true, pid, chainId, genesisHash, dataDir, ...status, nodes });
    return;
  }
  print(statusLine(status));
  print();
  const head = ['node', 'process', 'block', 'peers', 'role', 'worker', 'rpc'];
  const rows = nodes.map((node) => {
    const height = node.height === null ? 'no answer' : String(node.height);
    return [
      node.name,
      node.pid === null ? 'down' : String(node.pid),
      height,
      String(node.peers ?? '-'),
      node.role ?? '-',
      node.worker ?? '-',
      node.rpc,
    ];
  });
  for (const line of table([head, ...rows])) print(line);
  for (const node of nodes.filter((one) => one.pid === null))
    print(`\n  ${node.name} is down. Start it again:  ${SYNOD} devnet start ${node.name}`);
}

function runningUrls(nodes: readonly NodeRecord[]): string[] {
  return nodes.filter(({ pid }) => pid !== null).map(({ rpc }) => rpc);
}

async function describeNode({ name, pid, rpc, log }: NodeRecord) {
  try {
    const status = await createNodeClient(rpc, REQUEST_TIMEOUT_MS).status();
    return {
      name,
      pid,
      rpc,
      log,
      height: Number(status.head.height),
      finalized: Number(status.finalized.height),
      peers: status.peers,
      role: status.role,
      syncing: status.syncing,
      worker: status.worker.state,
      warnings: status.warnings,
    };
  } catch {
    // Down or busy: the row says "no answer".
    return {
      name,
      pid,
      rpc,
      log,
      height: null,
      finalized: null,
      peers: null,
      role: null,
      syncing: null,
      worker: null,
      warnings: [],
    };
  }
}
