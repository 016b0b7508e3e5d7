/** What the `dev_` methods need of a devnet's node (spec: devnet). Owns the port; the CLI implements it with the devnet's supervisor. */
import type { Address, Amount, Height, TimestampMs } from '@synod/chain';
import type { SubmitResult } from './node-api.ts';

export type DevPace = 'interval' | 'auto' | 'manual';
export type DevFault = 'none' | 'lie' | 'slow' | 'drop';
export type DevNodeState = 'running' | 'paused' | 'down';

export type DevMined = { readonly from: Height; readonly to: Height; readonly timeMs: TimestampMs };

export type DevExpertFault = {
  readonly node: string;
  readonly expert: string;
  readonly name: string;
  readonly fault: DevFault;
  readonly delayMs: number;
};

/** What stops all nodes for a while; the answer to who asked comes before it begins. */
export type DevOperation = {
  readonly kind: 'snapshot' | 'restore' | 'dump' | 'load';
  readonly name: string;
  readonly state: 'running' | 'done' | 'failed';
  readonly height: Height | null;
  readonly bytes: number | null;
  readonly sha256: string | null;
  readonly error: { readonly code: string; readonly message: string } | null;
};

export type DevStatus = {
  readonly mode: DevPace;
  /** Null: the chain's own. */
  readonly intervalMs: number | null;
  readonly clockOffsetMs: number;
  readonly groups: readonly (readonly string[])[] | null;
  readonly nodes: readonly {
    readonly name: string;
    readonly state: DevNodeState;
    readonly pid: number | null;
    readonly rpc: string;
    readonly latencyMs: number;
  }[];
  readonly experts: readonly DevExpertFault[];
  readonly operation: DevOperation | null;
};

export type DevSnapshot = {
  readonly name: string;
  readonly height: Height;
  readonly bytes: number;
  /** ISO time. */
  readonly takenAt: string;
  readonly version: string;
};

/** Methods throw `SynodError`: `NOT_FOUND`, `NODE_PAUSED`, `NODE_DOWN`, `NODE_RUNNING`, `NODE_ASKED`, `DEVNET_BUSY`, `DEVNET_STALLED`, …. */
export type DevApi = {
  /** With the keys, which are public: they follow from the devnet's seed. */
  accounts(): readonly { readonly name: string; readonly address: Address; readonly privateKey: string }[];
  faucet(request: { readonly to: Address; readonly amount: Amount }): Promise<SubmitResult>;
  status(): Promise<DevStatus>;
  mine(blocks: number): Promise<DevMined>;
  setBlockTime(pace: { readonly mode: DevPace; readonly intervalMs: number | null }): Promise<void>;
  advanceEpoch(): Promise<DevMined>;
  advanceTime(ms: number): Promise<DevMined>;
  setFault(request: {
    readonly node?: string | undefined;
    readonly expert?: string | undefined;
    readonly fault: DevFault;
    readonly delayMs?: number | undefined;
  }): Promise<readonly DevExpertFault[]>;
  setLatency(request: { readonly node?: string | undefined; readonly latencyMs: number }): Promise<readonly string[]>;
  pauseNode(node: string): Promise<DevNodeState>;
  resumeNode(node: string): Promise<DevNodeState>;
  killNode(node: string): Promise<DevNodeState>;
  startNode(node: string): Promise<DevNodeState>;
  partition(groups: readonly (readonly string[])[]): Promise<readonly (readonly string[])[]>;
  heal(): Promise<void>;
  snapshot(name: string): Promise<DevOperation>;
  restore(name: string): Promise<DevOperation>;
  snapshots(): Promise<readonly DevSnapshot[]>;
  dumpState(name: string): Promise<DevOperation>;
  loadState(name: string): Promise<DevOperation>;
  /** Proposed and voted for by all validators of the devnet, as any change of a parameter. */
  setParam(change: { readonly name: string; readonly value: bigint }): Promise<DevParamVote>;
};

export type DevParamVote = { readonly proposal: string; readonly votingEndsAt: Height; readonly actsAt: Height };
