/**
 * A node with an empty store and a checkpoint fetches a snapshot before it has a host. Owns its folder, installing, and
 * the handing over to the host; the restoration itself is host/snapshot-restore.ts.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Genesis, SynodError, verifySignature } from '@synod/chain';
import type { Logger } from 'pino';
import { type OpenedStore, openRestoreFiles, removeRestoreFiles } from './adapters/index.ts';
import {
  type ChainIdentity,
  type Checkpoint,
  type Clock,
  encodeDirect,
  type HostInput,
  type Network,
  type RestoreOutcome,
  type RestoreProgress,
  restoredState,
  SnapshotRestore,
  type Timers,
  trustingPeriodMs,
} from './host/index.ts';
import type { InputQueue } from './input-queue.ts';

/** Where a restoration keeps what it has fetched. */
export function restoreFolder(home: string): string {
  return join(home, 'restore');
}

/** How a node without a state gets one: by all blocks, by a snapshot, or by a snapshot if somebody offers one. */
export type SyncMode = 'blocks' | 'snapshot' | 'auto';

/** No trusting period ends before this: longer than any clock runs. */
const FOREVER_MS = 2 ** 50;

export type RestoreNode = {
  readonly home: string;
  readonly identity: ChainIdentity;
  readonly checkpoint: Checkpoint;
  readonly mode: 'snapshot' | 'auto';
  readonly opening: OpenedStore;
  readonly inputs: InputQueue;
  readonly network: Network;
  readonly timers: Timers;
  readonly clock: Clock;
  readonly log: Logger;
  readonly stop: AbortSignal | null;
  readonly onProgress: ((progress: RestoreProgress) => void) | null;
};

/**
 * Restores a snapshot into the store, or finds that there is none to restore and leaves the store empty. Inputs wait in the
 * queue afterwards. Gives the store as it is then. Rejects with what ended it, `STOPPED` when it was asked to stop; what was fetched stays on disk.
 */
export async function restoreNode(options: RestoreNode): Promise<OpenedStore> {
  const { home, opening, inputs, log } = options;
  const folder = restoreFolder(home);
  if (existsSync(folder)) log.info({ folder }, 'a restoration was cut short; going on with what it has fetched');
  const files = openRestoreFiles(folder, (input) => inputs.deliver(input));
  const outcome = await untilOver(options, files);
  if (outcome.kind === 'blocks') {
    log.info('no peer offers a snapshot; syncing by blocks');
    removeRestoreFiles(folder);
    return opening;
  }
  const { state, anchor } = outcome;
  log.info({ height: anchor.height, records: state.size }, 'the snapshot is complete; writing the state');
  await files.settled();
  const boot = await opening.install(restoredState(state, anchor));
  removeRestoreFiles(folder);
  log.info({ height: anchor.height, stateRoot: state.root }, 'the snapshot is restored; blocks follow from here');
  return { ...opening, boot };
}

async function untilOver(options: RestoreNode, files: ReturnType<typeof openRestoreFiles>): Promise<RestoreOutcome> {
  const { identity, checkpoint, mode, inputs, network, timers, clock, log, stop, onProgress } = options;
  const { promise, resolve, reject } = Promise.withResolvers<RestoreOutcome>();
  const { chainId, genesisHash } = identity;
  const restore = new SnapshotRestore({
    identity,
    checkpoint,
    config: lightClientConfig(identity.genesis),
    ports: {
      network,
      timers,
      clock,
      observer: { onHostEvent: (event) => void (event.kind === 'log' && log[event.level](event.facts, event.message)) },
    },
    files,
    isRequired: mode === 'snapshot',
    onProgress,
    hello: encodeDirect({
      kind: 'hello',
      chainId,
      genesisHash,
      operator: null,
      signature: new Uint8Array(64),
      experts: [],
    }),
    onOutcome: (outcome) => {
      inputs.hold(restore.greetings().flatMap(greetingInputs));
      resolve(outcome);
    },
  });
  const onStop = () => reject(stopped());
  if (stop?.aborted === true) onStop();
  stop?.addEventListener('abort', onStop, { once: true });
  void inputs.failed.then(reject);
  restore.start();
  inputs.connect((input) => restore.handle(input));
  try {
    return await promise;
  } finally {
    stop?.removeEventListener('abort', onStop);
    await files.settled();
  }
}

function greetingInputs({ peer, hello }: { peer: string; hello: Uint8Array }): readonly HostInput[] {
  return [
    { kind: 'peerConnected', peer },
    { kind: 'direct', peer, bytes: hello },
  ];
}

function lightClientConfig(genesis: Genesis) {
  return {
    chainId: genesis.chainId,
    trustingPeriodMs: trustingPeriodMs(genesis) ?? FOREVER_MS,
    clockDriftMsMax: genesis.params.clockDriftMsMax,
    verify: verifySignature,
  };
}

function stopped(): SynodError {
  return new SynodError(
    'STOPPED',
    'The node was stopped while it restored a snapshot. What it has fetched is kept: start it again to go on.',
  );
}
