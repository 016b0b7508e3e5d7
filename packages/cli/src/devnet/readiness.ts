/**
 * Waiting until a devnet can be used: every node answers /readyz with 200, and a block was finalized since the start.
 * Owns that condition and its deadline.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { SynodError } from '@synod/chain';
import { createNodeClient } from '../rpc/node-client.ts';
import { displayPath } from '../settings/paths.ts';
import { rpcUrlOf } from './layout.ts';
import { logTail, type NodeProcess } from './node-process.ts';

const POLL_MS = 100;
const REQUEST_TIMEOUT_MS = 2000;

/** `isReached` is asked until it says true. Throws `DEVNET_NOT_READY` at the deadline or when a node ends first. */
export async function waitUntil(
  nodes: readonly NodeProcess[],
  wait: { readonly what: string; readonly deadlineMs: number; readonly signal: AbortSignal },
  isReached: () => Promise<boolean>,
): Promise<void> {
  while (!(await isReached())) {
    wait.signal.throwIfAborted();
    const dead = nodes.find((node) => node.exitReason() !== null);
    if (dead !== undefined) throw notReady(dead, `${dead.place.name} ${dead.exitReason()} while it started`);
    if (performance.now() > wait.deadlineMs)
      throw notReady(nodes[0]!, `${wait.what} took too long. Give it more with --timeout`);
    await delay(POLL_MS, undefined, { signal: wait.signal });
  }
}

/** Nodes whose /livez (the server is up) or /readyz (it takes part) answers 200. */
export async function countAnswering(nodes: readonly NodeProcess[], path: '/livez' | '/readyz'): Promise<number> {
  const answers = await Promise.all(nodes.map(async ({ place }) => await answersOk(`${rpcUrlOf(place)}${path}`)));
  return answers.filter((ok) => ok).length;
}

/** Height of the newest finalized block as the node says, or null while it does not answer. */
export async function finalizedHeight(node: NodeProcess): Promise<number | null> {
  const status = await statusOf(node);
  return status === null ? null : Number(status.finalized.height);
}

/** Whether every node's inference worker has loaded its model, or the node has none. */
export async function workersReady(nodes: readonly NodeProcess[]): Promise<boolean> {
  const states = await Promise.all(nodes.map(async (node) => (await statusOf(node))?.worker.state));
  return states.every((state) => state === 'ready' || state === 'off');
}

async function statusOf(node: NodeProcess) {
  try {
    return await createNodeClient(rpcUrlOf(node.place), REQUEST_TIMEOUT_MS).status();
  } catch {
    // Not listening yet, or busy: asked again until the deadline.
    return null;
  }
}

async function answersOk(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    // Not listening yet: asked again until the deadline.
    return false;
  }
}

function notReady(node: NodeProcess, what: string): SynodError {
  const { log, name } = node.place;
  const tail = logTail(log)
    .map((line) => `\n${shorten(line)}`)
    .join('');
  return new SynodError('DEVNET_NOT_READY', `${what}. Its log ${displayPath(log)} ends with:${tail}`, {
    facts: { node: name, log },
  });
}

/** pino lines as "level message", others as they are. */
function shorten(line: string): string {
  try {
    const { msg, err, code } = JSON.parse(line) as { msg?: string; code?: string; err?: { message?: string } };
    return [code, msg, err?.message].filter((part) => part !== undefined).join(': ');
  } catch {
    // Not JSON: a crash wrote plain text.
    return line.slice(0, 300);
  }
}
