/**
 * Whether the log of a running node says all that its consensus core knows: a second host, deaf and mute, is started on a
 * copy of the log and must come to the same state (consensus §1.2, §1.8). Owns that second host's ports and the comparison.
 */
import { type ConsensusSigner, decodeWalRecord, Host, type HostPorts, type WalRecord } from '@synod/node/host';
import type { SimNode } from './sim-node.ts';

/**
 * What differs, or null when the replayed state equals the present one. The node must be between two inputs. Left out:
 * votes that a decided height still takes in, which are not logged, and which blocks were asked for, which only keeps the
 * asking rare.
 */
export function replayProblem(node: SimNode): string | null {
  const { host } = node;
  if (host === null || host.runner.state === null || host.runner.isDecided || node.disk.log.damage !== null)
    return null;
  const walRecords = node.disk.wholeLog.map(decodeWalRecord).filter((record): record is WalRecord => record !== null);
  const isObserver = host.runner.state.config.self === null;
  const shadow = new Host(
    {
      identity: host.identity,
      head: host.head,
      unapplied: null,
      walRecords,
      observerReason: isObserver ? (host.observerReason ?? 'observer at the start of the height') : null,
      peerId: node.peerId,
    },
    mutePorts(node),
  );
  shadow.start();
  const live = describe(host.runner.state);
  const replayed = describe(shadow.runner.state);
  if (live === replayed) return null;
  let at = 0;
  while (live[at] === replayed[at]) at += 1;
  return `at ${at}: live …${live.slice(Math.max(0, at - 80), at + 80)}… replayed …${replayed.slice(Math.max(0, at - 80), at + 80)}…`;
}

function mutePorts(node: SimNode): HostPorts {
  const nothing = () => undefined;
  const refusal = { ok: false, code: 'REPLAY', reason: 'a replay signs nothing' } as const;
  const { keys, world } = node;
  const signer: ConsensusSigner = {
    operator: node.operator,
    publicKey: keys.consensus.publicKey,
    signProposal: () => refusal,
    signVote: () => refusal,
    proveBeacon: (alpha) => world.tier.prove(keys.beacon, alpha),
    deriveSecret: () => new Uint8Array(32),
    signIdentity: () => new Uint8Array(64),
    signSealed: () => new Uint8Array(64),
    agree: () => null,
    signed: () => ({ height: 0, round: 0, step: 'propose', proposals: [], votes: [], lockedProposal: null }),
  };
  return {
    network: { publish: nothing, send: nothing, penalise: nothing },
    timers: { set: nothing, clear: nothing },
    clock: { nowMs: () => world.queue.nowMs },
    wal: { append: nothing, sync: nothing, truncate: nothing },
    store: {
      block: () => null,
      saveBlock: nothing,
      saveState: nothing,
      results: () => null,
      putLocal: nothing,
      getLocal: () => null,
      deleteLocal: nothing,
    },
    worker: { submit: nothing, cancel: nothing },
    observer: { onHostEvent: nothing },
    signer,
    experts: [],
    crypto: world.tier.crypto,
  };
}

function describe(state: unknown): string {
  return JSON.stringify(state, (key, value: unknown) => {
    if (key === 'fetched') return undefined;
    if (value instanceof Map) return [...value];
    if (value instanceof Set) return [...value];
    if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
    return typeof value === 'bigint' ? `${value}` : value;
  });
}
