/** Methods that devnets alone have (`dev_*`). Owns their names and shapes as the page uses them. */
import { callRpc } from './client.ts';

export type DevNode = {
  readonly name: string;
  readonly state: 'running' | 'paused' | 'down';
  readonly latencyMs: number;
};

export type DevFault = 'none' | 'lie' | 'slow' | 'drop';

export type DevStatus = {
  readonly mode: 'interval' | 'auto' | 'manual';
  readonly intervalMs: number | null;
  readonly clockOffsetMs: number;
  readonly groups: readonly (readonly string[])[] | null;
  readonly nodes: readonly DevNode[];
  readonly experts: readonly {
    readonly node: string;
    readonly expert: string;
    readonly name: string;
    readonly fault: DevFault;
  }[];
  readonly operation: DevOperation | null;
};

export type DevOperation = {
  readonly kind: 'snapshot' | 'restore' | 'dump' | 'load';
  readonly name: string;
  readonly state: 'running' | 'done' | 'failed';
  readonly height: number | null;
  readonly error: { readonly code: string; readonly message: string } | null;
};

export type DevSnapshot = {
  readonly name: string;
  readonly height: number;
  readonly bytes: number;
  readonly madeAt: string;
};

type Mined = { readonly from: number; readonly to: number };

type DevMethods = {
  dev_accounts: [
    Record<never, never>,
    { readonly items: readonly { readonly name: string; readonly address: string }[] },
  ];
  dev_status: [Record<never, never>, DevStatus];
  dev_faucet: [{ to: string; amount: string }, { readonly id: string; readonly height: string | null }];
  dev_mine: [{ blocks: number }, Mined];
  dev_advanceEpoch: [Record<never, never>, Mined];
  dev_advanceTime: [{ ms: number }, Mined];
  dev_setBlockTime: [{ mode: DevStatus['mode']; intervalMs?: number }, unknown];
  dev_startNode: [{ node: string }, unknown];
  dev_pauseNode: [{ node: string }, unknown];
  dev_resumeNode: [{ node: string }, unknown];
  dev_killNode: [{ node: string }, unknown];
  dev_partition: [{ groups: readonly (readonly string[])[] }, unknown];
  dev_heal: [Record<never, never>, unknown];
  dev_setLatency: [{ node?: string; latencyMs: number }, unknown];
  dev_setFault: [{ expert: string; fault: DevFault }, unknown];
  dev_snapshot: [{ name: string }, DevOperation];
  dev_restore: [{ name: string }, DevOperation];
  dev_snapshots: [Record<never, never>, { readonly items: readonly DevSnapshot[] }];
};

type AnyCall = (name: string, params: object, signal?: AbortSignal) => Promise<unknown>;

/** Throws what `callRpc` throws, and `NOT_DEVNET` elsewhere. */
export async function callDev<Name extends keyof DevMethods>(
  name: Name,
  params: DevMethods[Name][0],
  signal?: AbortSignal,
): Promise<DevMethods[Name][1]> {
  return (await (callRpc as AnyCall)(name, params, signal)) as DevMethods[Name][1];
}
