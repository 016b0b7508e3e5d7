/**
 * What every page shows of the chain, kept up to date: status, validators, experts, connections. Owns how often each is asked;
 * nothing is asked while the page is hidden.
 */
import { computed, type ReadonlySignal, signal } from '@preact/signals';
import { subscribe } from '@synod/rpc/client';
import { callRpc, client, type Result } from '../api/client.ts';
import { type Problem, problemOf } from '../api/problem.ts';
import { type NetworkHealth, networkHealth } from './health.ts';

/** How often each is asked while the page is visible; the status also at every block, which the node tells by itself. */
const limits = {
  statusEveryMs: 2_000,
  clockEveryMs: 1_000,
  membersEveryMs: 3_000,
  failuresTold: 2,
  pageItems: 100,
} as const;

const statusNow = signal<Result<'node_status'> | null>(null);
const problemNow = signal<Problem | null>(null);
const validatorsNow = signal<Result<'staking_validators'>['items']>([]);
const expertsNow = signal<Result<'expert_list'>['items']>([]);
const peersNow = signal<Result<'node_peers'>['items'] | null>(null);
const intervalNow = signal(1_000);
const clockNow = signal(Date.now());
/** Blocks come only on demand, or by hand: then an old block is no alarm. */
const pacedNow = signal(false);
const membersHeightNow = signal(0);
const readyNow = signal(false);

/** The node's status; null before the first answer and while no node answers. */
export const status: ReadonlySignal<Result<'node_status'> | null> = computed(() => statusNow.value);
/** Why there is no status; null while there is one. */
export const statusProblem: ReadonlySignal<Problem | null> = computed(() => problemNow.value);
export const validators: ReadonlySignal<Result<'staking_validators'>['items']> = computed(() => validatorsNow.value);
export const experts: ReadonlySignal<Result<'expert_list'>['items']> = computed(() => expertsNow.value);
export const peers: ReadonlySignal<Result<'node_peers'>['items'] | null> = computed(() => peersNow.value);
/** Height of the newest block as a number; 0 before there is one. Pages that show the newest things load again when it grows. */
export const height: ReadonlySignal<number> = computed(() => Number(statusNow.value?.head.height ?? 0));
/** Height of the newest block when peers were asked last: what their heights are compared with. */
export const peersAskedAt: ReadonlySignal<number> = computed(() => membersHeightNow.value);
export const isDevnet: ReadonlySignal<boolean> = computed(() => statusNow.value?.devnet ?? false);
/** The time, once a second. */
export const clock: ReadonlySignal<number> = computed(() => clockNow.value);
/** True once the node was asked, whether it answered or not. */
export const isAsked: ReadonlySignal<boolean> = computed(() => readyNow.value);

export const health: ReadonlySignal<NetworkHealth> = computed(() =>
  networkHealth({
    nowMs: clockNow.value,
    status: statusNow.value,
    validators: validatorsNow.value,
    connected: peersNow.value === null ? null : operatorsOf(peersNow.value),
    blockIntervalMs: intervalNow.value,
    paced: pacedNow.value,
  }),
);

function operatorsOf(items: Result<'node_peers'>['items']): ReadonlySet<string> {
  return new Set(items.flatMap(({ operator }) => (operator === null ? [] : [operator])));
}

/** Begins to follow the chain; once per page. */
export function followChain(): void {
  setInterval(() => {
    clockNow.value = Date.now();
  }, limits.clockEveryMs);
  void hearBlocks();
  every(limits.statusEveryMs, loadStatus);
  every(limits.membersEveryMs, loadMembers);
}

/** The status at every block; polling goes on beside it, because only that notices a node that says nothing. */
async function hearBlocks(): Promise<void> {
  try {
    for await (const _ of subscribe(client.url, 'newHeads', { signal: new AbortController().signal })) {
      if (document.visibilityState === 'visible') await loadStatus();
    }
  } catch (error) {
    // The node refuses subscriptions: the page is as fresh as polling makes it.
    console.warn('Blocks are asked for, not heard of:', problemOf(error).what);
  }
}

let failures = 0;

async function loadStatus(): Promise<void> {
  clockNow.value = Date.now();
  try {
    statusNow.value = await callRpc('node_status', {});
    problemNow.value = null;
    failures = 0;
  } catch (error) {
    failures++;
    // One lost answer is no news.
    if (failures >= limits.failuresTold || statusNow.value === null) {
      statusNow.value = null;
      problemNow.value = problemOf(error);
    }
  }
  readyNow.value = true;
}

async function loadMembers(): Promise<void> {
  const page = { limit: limits.pageItems };
  const [validatorPage, expertPage, peerPage, params, devnet] = await Promise.allSettled([
    callRpc('staking_validators', page),
    callRpc('expert_list', page),
    callRpc('node_peers', page),
    callRpc('staking_params', {}),
    isDevnet.peek() ? callRpc('dev_getStatus', {}) : null,
  ]);
  // What failed keeps its last value: the status tells that the node is gone.
  if (validatorPage.status === 'fulfilled') validatorsNow.value = validatorPage.value.items;
  if (expertPage.status === 'fulfilled') expertsNow.value = expertPage.value.items;
  if (peerPage.status === 'fulfilled') {
    peersNow.value = peerPage.value.items;
    membersHeightNow.value = height.peek();
  }
  if (params.status === 'fulfilled') intervalNow.value = params.value.blockIntervalMs;
  if (devnet.status === 'fulfilled' && devnet.value !== null) {
    pacedNow.value = devnet.value.mode !== 'interval';
    intervalNow.value = devnet.value.intervalMs ?? intervalNow.value;
  }
}

/** Runs now and then again and again, one at a time, while the page is visible. */
function every(ms: number, work: () => Promise<void>): void {
  const run = async () => {
    if (document.visibilityState === 'visible') await work();
    setTimeout(run, ms);
  };
  void run();
}
