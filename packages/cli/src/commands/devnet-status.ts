/**
 * `synod devnet status`: every node of a running devnet at a glance. Owns the table; numbers come from the nodes.
 */

import { statusLine } from '../devnet/banner.ts';
import { requestControl } from '../devnet/control.ts';
import type { ControlStatus } from '../devnet/control-status.ts';
import type { NodeState } from '../devnet/fleet.ts';
import { createObserver, type DevnetView } from '../devnet/health.ts';
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
  const control = await requestControl(layout.control, 'status', {});
  const stateOf = new Map(control.nodes.map(({ name, state }) => [name, state]));
  const nodes = await Promise.all(record.nodes.map((node) => describeNode(node, stateOf.get(node.name) ?? 'down')));
  const status = await createObserver()(viewOf(control));
  if (flags.json) {
    const { chainId, genesisHash, dataDir } = record;
    const { intervalMs, clockOffsetMs, groups, experts, operation } = control;
    const controls = { intervalMs, clockOffsetMs, groups, expertFaults: faultsOf(experts), operation };
    printJson({ running: true, ready: true, pid, chainId, genesisHash, dataDir, ...status, ...controls, nodes });
    return;
  }
  print(statusLine(status));
  print();
  const head = ['node', 'process', 'block', 'peers', 'role', 'worker', 'rpc'];
  const rows = nodes.map((node) => {
    const height = node.height === null ? 'no answer' : String(node.height);
    return [
      node.name,
      node.state === 'running' ? String(node.pid) : node.state,
      height,
      String(node.peers ?? '-'),
      node.role ?? '-',
      node.worker ?? '-',
      node.rpc,
    ];
  });
  for (const line of table([head, ...rows])) print(line);
  for (const line of nextLines(nodes, control)) print(`\n  ${line}`);
}

/** What was done on purpose, and how it ends. */
function nextLines(
  nodes: readonly { readonly name: string; readonly state: NodeState }[],
  { groups, experts, nodes: controlled, operation }: ControlStatus,
): string[] {
  const latency = controlled.filter(({ latencyMs }) => latencyMs > 0).map((one) => `${one.name} ${one.latencyMs} ms`);
  const faults = faultsOf(experts).map(({ name, fault }) => `${name} (${fault})`);
  return [
    ...nodes.flatMap(({ name, state }) => {
      if (state === 'down') return [`${name} is down. Start it again:  ${SYNOD} devnet start ${name}`];
      return state === 'paused' ? [`${name} is paused. Resume it:  ${SYNOD} devnet resume ${name}`] : [];
    }),
    ...(groups === null
      ? []
      : [`The network is cut: ${groups.map((group) => group.join(' ')).join(' | ')}. End it:  ${SYNOD} devnet heal`]),
    ...(latency.length === 0 ? [] : [`Latency: ${latency.join(', ')}. End it:  ${SYNOD} devnet heal`]),
    ...(faults.length === 0 ? [] : [`Experts at fault: ${faults.join(', ')}. End it:  ${SYNOD} devnet heal`]),
    ...(operation?.state === 'failed' ? [`The last ${operation.kind} failed: ${operation.error?.message}`] : []),
  ];
}

function faultsOf(experts: ControlStatus['experts']) {
  return experts.filter(({ fault }) => fault !== 'none');
}

function viewOf({ nodes, mode, groups, operation }: ControlStatus): DevnetView {
  return {
    nodes: nodes.map(({ name, rpc, state }) => ({ name, url: rpc, state })),
    mode,
    groups,
    operation: operation?.state === 'running' ? operation : null,
  };
}

async function describeNode({ name, pid, rpc, log }: NodeRecord, state: NodeState) {
  const own = { name, state, pid, rpc, log };
  const status = state === 'running' ? await statusOf(rpc) : null;
  if (status === null) return { ...own, ...SILENT };
  return {
    ...own,
    height: Number(status.head.height),
    finalized: Number(status.finalized.height),
    peers: status.peers,
    role: status.role,
    syncing: status.syncing,
    worker: status.worker.state,
    warnings: status.warnings,
  };
}

const SILENT = { height: null, finalized: null, peers: null, role: null, syncing: null, worker: null, warnings: [] };

async function statusOf(rpc: string) {
  try {
    return await createNodeClient(rpc, REQUEST_TIMEOUT_MS).status();
  } catch {
    // Down or busy: the row says "no answer".
    return null;
  }
}
