/**
 * Everything that can be asked of a running devnet: its pace, its nodes, what they suffer, its states. Owns the order in which requests
 * are done, one at a time, and what they mean for the devnet as a whole; fleet.ts and disturbances.ts do them.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { SynodError } from '@synod/chain';
import type { ExpertFault, PaceMode } from '@synod/node';
import { createNodeClient } from '../rpc/node-client.ts';
import { Disturbances } from './disturbances.ts';
import { resolveExperts } from './expert-targets.ts';
import type { Fleet, StartedNode } from './fleet.ts';
import { rpcUrlOf } from './layout.ts';

const limits = {
  requestTimeoutMs: 2_000,
  pollMs: 25,
  /** Without any block for this long, mining gives up. */
  stalledMs: 20_000,
  /** How long transactions may take to reach every node before blocks are made. */
  gossipMs: 1_000,
} as const;

export const CONTROL_LIMITS = {
  blocksMax: 100_000,
  latencyMsMax: 60_000,
  expertDelayMsMax: 600_000,
  advanceMsMax: 366 * 24 * 3_600_000,
} as const;

export type Mined = { readonly from: number; readonly to: number; readonly timeMs: number };

export type FaultRequest = {
  readonly node?: string | undefined;
  readonly expert?: string | undefined;
  readonly fault: 'none' | ExpertFault['kind'];
  readonly delayMs?: number | undefined;
};

/** An expert that is slow begins so late unless told otherwise. */
const SLOW_MS = 10_000;

type Head = { readonly height: number; readonly timeMs: number };

export class Controls {
  readonly #fleet: Fleet;
  readonly disturbances: Disturbances;
  readonly #blockTimeMs: number;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(fleet: Fleet, { mode, blockTimeMs }: { readonly mode: PaceMode; readonly blockTimeMs: number }) {
    this.#fleet = fleet;
    this.disturbances = new Disturbances(fleet, { mode, intervalMs: null, mineUntil: 0 });
    this.#blockTimeMs = blockTimeMs;
  }

  /** Requests are done one after the other: what one sees, no other changes. */
  inTurn<T>(act: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(act);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  async pause(name: string): Promise<void> {
    this.#fleet.pause(name);
  }

  async resume(name: string): Promise<void> {
    this.#fleet.resume(name);
    await this.disturbances.push(this.#fleet.require(name));
  }

  async kill(name: string): Promise<void> {
    await this.#fleet.kill(name);
  }

  async start(name: string): Promise<StartedNode> {
    const started = await this.#fleet.start(name);
    await this.disturbances.push(this.#fleet.require(name));
    return started;
  }

  /** Makes this many blocks at once, whatever the mode, and waits for them on every node that runs. Throws `DEVNET_STALLED`. */
  async mine(blocks: number): Promise<Mined> {
    await this.#untilSpread();
    const from = this.#highest(await this.heads());
    const target = from.height + blocks;
    await this.disturbances.setPace({ ...this.disturbances.pace, mineUntil: target });
    const to = await this.#untilHeight(target);
    return { from: from.height, to: to.height, timeMs: to.timeMs };
  }

  /** Up to the last block of the epoch, which pays what it earned. */
  async advanceEpoch(): Promise<Mined> {
    const [node] = this.#fleet.running();
    if (node === undefined) throw noneRuns();
    const { head, epochEnd } = await createNodeClient(rpcUrlOf(node.place), limits.requestTimeoutMs).call(
      'staking_params',
    );
    return await this.mine(Math.max(1, Number(epochEnd) - Number(head)));
  }

  /**
   * Another way to pace blocks. Where time ran ahead of the machines' clocks, those of all nodes are turned ahead first: their blocks
   * would else be refused until the clocks have caught up.
   */
  async setBlockTime(mode: PaceMode, intervalMs: number | null): Promise<void> {
    if (mode !== 'manual') await this.alignClocks();
    await this.disturbances.setPace({ mode, intervalMs, mineUntil: 0 });
  }

  /** The next block's time is this much later than it would be; that block is made at once. */
  async advanceTime(ms: number): Promise<Mined> {
    const { pace, clockOffsetMs } = this.disturbances;
    if (pace.mode !== 'manual') {
      await this.disturbances.turnClocks(clockOffsetMs + ms);
      return await this.mine(1);
    }
    await this.disturbances.setPace({ ...pace, intervalMs: (pace.intervalMs ?? this.#blockTimeMs) + ms });
    try {
      return await this.mine(1);
    } finally {
      await this.disturbances.setPace({ ...this.disturbances.pace, intervalMs: pace.intervalMs });
    }
  }

  /** Of the experts named, of all of a node, or of everybody's. Gives whom it concerns. */
  async setFault({ node, expert, fault, delayMs }: FaultRequest) {
    if (node !== undefined) this.#fleet.require(node);
    const targets = await resolveExperts(this.#fleet, { node, expert });
    const wanted = fault === 'none' ? null : { kind: fault, delayMs: fault === 'slow' ? (delayMs ?? SLOW_MS) : 0 };
    await this.disturbances.setFault(targets, wanted);
    return targets.map((target) => ({ ...target, fault, delayMs: wanted?.delayMs ?? 0 }));
  }

  /** Clocks are never behind the newest block: a chain that was given later times goes on from there. */
  async alignClocks(): Promise<void> {
    const heads = await this.heads();
    if (heads.length === 0) return;
    const aheadMs = this.#highest(heads).timeMs + this.#blockTimeMs - Date.now();
    if (aheadMs > this.disturbances.clockOffsetMs && aheadMs > this.#blockTimeMs)
      await this.disturbances.turnClocks(aheadMs);
  }

  /** Of the nodes that run and answer. */
  async heads(): Promise<Head[]> {
    const heads = await Promise.all(this.#fleet.running().map(({ place }) => headOf(rpcUrlOf(place))));
    return heads.filter((head) => head !== null);
  }

  #highest(heads: readonly Head[]): Head {
    const [first, ...others] = heads;
    if (first === undefined) throw noneRuns();
    return others.reduce((highest, head) => (head.height > highest.height ? head : highest), first);
  }

  async #untilHeight(target: number): Promise<Head> {
    let best = 0;
    let changedAtMs = performance.now();
    for (;;) {
      const heads = await this.heads();
      const highest = this.#highest(heads);
      if (heads.every(({ height }) => height >= target)) return highest;
      const sum = heads.reduce((total, { height }) => total + height, 0);
      if (sum > best) [best, changedAtMs] = [sum, performance.now()];
      if (performance.now() - changedAtMs > limits.stalledMs) throw stalled(highest.height, target);
      await delay(limits.pollMs);
    }
  }

  /** A transaction that one node has is given a moment to reach the others, or whose turn it is might not have it. */
  async #untilSpread(): Promise<void> {
    const endMs = performance.now() + limits.gossipMs;
    while (performance.now() < endMs) {
      const waiting = await Promise.all(this.#fleet.running().map(({ place }) => mempoolOf(rpcUrlOf(place))));
      if (new Set(waiting.filter((count) => count !== null)).size <= 1) return;
      await delay(limits.pollMs);
    }
  }
}

async function headOf(url: string): Promise<Head | null> {
  try {
    const { height, time } = await createNodeClient(url, limits.requestTimeoutMs).call('chain_getHead');
    return { height: Number(height), timeMs: Number(time) };
  } catch {
    // Down or busy: the others tell.
    return null;
  }
}

async function mempoolOf(url: string): Promise<number | null> {
  try {
    return (await createNodeClient(url, limits.requestTimeoutMs).status()).mempoolTransactions;
  } catch {
    // Down or busy: it is not waited for.
    return null;
  }
}

function stalled(height: number, target: number): SynodError {
  return new SynodError(
    'DEVNET_STALLED',
    `No block came for ${limits.stalledMs / 1000} s: block ${height} of ${target} is the newest. More than 2/3 of the validators must run and reach each other. See:  synod devnet status`,
    { facts: { height, target } },
  );
}

function noneRuns(): SynodError {
  return new SynodError('DEVNET_STALLED', 'No node of this devnet answers. Start or resume one:  synod devnet status');
}
