/**
 * What needs the whole devnet to stand still: snapshots, restoring one, and the same with a file. Owns the steps and what is known of the
 * one that runs or ran last: nodes end meanwhile, so whoever asked one of them looks again later.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SynodError } from '@synod/chain';
import type { Pace } from '@synod/node';
import { setPace } from '../chaos/fault-port.ts';
import { SYNOD } from '../terminal/command-name.ts';
import { describeFailure } from '../terminal/failure.ts';
import type { Controls } from './controls.ts';
import type { Fleet } from './fleet.ts';
import type { Layout } from './layout.ts';
import { decideRestore, finishRestore, stageRestore } from './restore-swap.ts';
import { type DevnetSnapshot, requireNewName, requireSnapshot, writeSnapshot } from './snapshots.ts';
import { packState, unpackState } from './state-file.ts';

const limits = { levelMs: 15_000, pollMs: 50, stillLooks: 4 } as const;

export type OperationKind = 'snapshot' | 'restore' | 'dump' | 'load';

/** The node that was asked passes the answer on before it is stopped. */
const ANSWER_FIRST_MS = 500;

export type Operation = {
  readonly kind: OperationKind;
  /** Of the snapshot, or the file. */
  readonly name: string;
  readonly state: 'running' | 'done' | 'failed';
  /** Height of the state; null until it is known. */
  readonly height: number | null;
  /** What was written or read, in bytes; null until it is known, and for what was not counted. */
  readonly bytes: number | null;
  readonly sha256: string | null;
  readonly error: { readonly code: string; readonly message: string } | null;
};

export type OperationsContext = {
  readonly layout: Layout;
  readonly chainId: string;
  /** With 0x. */
  readonly genesisHash: string;
  readonly fleet: Fleet;
  readonly controls: Controls;
  /** Stops all nodes, and starts them again with everything that is wanted of them; resolves when they serve. */
  readonly stop: () => Promise<void>;
  readonly start: () => Promise<void>;
};

type Outcome = { readonly height: number; readonly bytes?: number; readonly sha256?: string };

export class Operations {
  readonly #context: OperationsContext;
  #last: Operation | null = null;

  constructor(context: OperationsContext) {
    this.#context = context;
  }

  /** The one that runs, or ran last. */
  get last(): Operation | null {
    return this.#last;
  }

  get isBusy(): boolean {
    return this.#last?.state === 'running';
  }

  snapshot(name: string): Operation {
    const { layout } = this.#context;
    requireNewName(layout, name);
    this.#requireWhole();
    return this.#begin('snapshot', name, () => this.#take(join(layout.snapshots, name), name));
  }

  restore(name: string): Operation {
    const { layout, genesisHash } = this.#context;
    const { folder, snapshot } = requireSnapshot(layout, name, genesisHash);
    return this.#begin('restore', name, () => this.#putBack(folder, snapshot));
  }

  /** `name` is how it is called in messages. */
  dump(name: string, file: string): Operation {
    this.#requireWhole();
    return this.#begin('dump', name, async () => {
      const folder = this.#temporary();
      try {
        const { height } = await this.#take(folder, name);
        return { height, ...(await packState(folder, file)) };
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
  }

  load(name: string, file: string): Operation {
    return this.#begin('load', name, async () => {
      const folder = this.#temporary();
      try {
        const snapshot = await unpackState(file, folder, this.#context.genesisHash);
        return await this.#putBack(folder, snapshot);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
  }

  /** Throws `DEVNET_BUSY` while another one runs. It goes on after this returned. */
  #begin(kind: OperationKind, name: string, act: () => Promise<Outcome>): Operation {
    const { last } = this;
    if (last?.state === 'running')
      throw new SynodError(
        'DEVNET_BUSY',
        `The devnet is busy with ${last.kind} "${last.name}". Try again when it is done.`,
      );
    const running: Operation = { kind, name, state: 'running', height: null, bytes: null, sha256: null, error: null };
    this.#last = running;
    void this.#context.controls
      .inTurn(() => delay(ANSWER_FIRST_MS).then(act))
      .then(
        ({ height, bytes = null, sha256 = null }) => {
          this.#last = { ...running, state: 'done', height, bytes, sha256 };
        },
        (error: unknown) => {
          const { code, message } = describeFailure(error);
          this.#last = { ...running, state: 'failed', error: { code, message } };
        },
      );
    return running;
  }

  async #take(folder: string, name: string): Promise<Outcome> {
    const { layout, chainId, genesisHash, fleet, stop, start } = this.#context;
    const height = await this.#level();
    const nodes = fleet.nodes.map(({ place }) => place.name);
    await stop();
    try {
      await writeSnapshot(layout, folder, { name, chainId, genesisHash, height, nodes });
    } finally {
      await start();
    }
    return { height };
  }

  async #putBack(folder: string, snapshot: DevnetSnapshot): Promise<Outcome> {
    const { layout, controls, stop, start } = this.#context;
    await stop();
    try {
      await stageRestore(layout, folder, snapshot);
      decideRestore(layout, snapshot);
      finishRestore(layout);
      // What was asked for was asked of the other state.
      controls.disturbances.forgetAsked();
    } finally {
      await start();
    }
    return { height: snapshot.height };
  }

  /** No node begins a block any more, and all stand at one height. Throws `NODES_APART`. */
  async #level(): Promise<number> {
    const { fleet, controls } = this.#context;
    const still: Pace = { mode: 'manual', intervalMs: null, mineUntil: 0 };
    await Promise.all(fleet.nodes.map(({ place }) => setPace(place.home, still)));
    const endMs = performance.now() + limits.levelMs;
    for (let looks = 0, before = -1; performance.now() < endMs; await delay(limits.pollMs)) {
      const heads = await controls.heads();
      const [first] = heads;
      const isLevel = heads.length === fleet.nodes.length && heads.every(({ height }) => height === first?.height);
      looks = isLevel && first?.height === before ? looks + 1 : 0;
      before = first?.height ?? -1;
      if (looks >= limits.stillLooks) return before;
    }
    await controls.disturbances.pushAll();
    throw new SynodError(
      'NODES_APART',
      `The nodes stand at different heights. Heal the network first:  ${SYNOD} devnet heal`,
    );
  }

  /** A state of a devnet is that of all its nodes. Throws `NODE_DOWN`, `NODE_PAUSED` or `NODES_APART`. */
  #requireWhole(): void {
    const { fleet, controls } = this.#context;
    for (const { place } of fleet.nodes) {
      const state = fleet.state(place.name);
      if (state === 'down')
        throw new SynodError(
          'NODE_DOWN',
          `${place.name} is down. Start it first:  ${SYNOD} devnet start ${place.name}`,
        );
      if (state === 'paused')
        throw new SynodError(
          'NODE_PAUSED',
          `${place.name} is paused. Resume it first:  ${SYNOD} devnet resume ${place.name}`,
        );
    }
    if (controls.disturbances.groups !== null)
      throw new SynodError('NODES_APART', `The network is cut in parts. Heal it first:  ${SYNOD} devnet heal`);
  }

  /** Beside the snapshots, so that it is on their disk; the next start removes what a crash leaves. */
  #temporary(): string {
    return join(this.#context.layout.snapshots, `state-${process.pid}.part`);
  }
}
