/** A running devnet as its supervisor sees it: nodes, pace, what they suffer, what is under way. Owns the shape. */
import type { PaceMode } from '@synod/node';
import type { ControlTargets } from './control-requests.ts';
import { hostedExperts } from './expert-targets.ts';
import type { NodeState } from './fleet.ts';
import { rpcUrlOf } from './layout.ts';
import type { Operation } from './operations.ts';

export type ControlStatus = {
  readonly mode: PaceMode;
  /** Null: the chain's own. */
  readonly intervalMs: number | null;
  readonly clockOffsetMs: number;
  /** Null while nothing is cut. */
  readonly groups: readonly (readonly string[])[] | null;
  readonly nodes: readonly {
    readonly name: string;
    readonly state: NodeState;
    readonly pid: number | null;
    readonly rpc: string;
    readonly latencyMs: number;
  }[];
  /** Those of running nodes; `fault` is `none` for the honest. */
  readonly experts: readonly {
    readonly node: string;
    readonly expert: string;
    readonly name: string;
    readonly fault: 'none' | 'lie' | 'slow' | 'drop';
    readonly delayMs: number;
  }[];
  readonly operation: Operation | null;
};

export async function controlStatus({ fleet, controls, operations }: ControlTargets): Promise<ControlStatus> {
  const { disturbances } = controls;
  const { mode, intervalMs } = disturbances.pace;
  const hosted = operations.isBusy ? [] : await hostedExperts(fleet);
  return {
    mode,
    intervalMs,
    clockOffsetMs: disturbances.clockOffsetMs,
    groups: disturbances.groups,
    nodes: fleet.nodes.map(({ place }) => ({
      name: place.name,
      state: fleet.state(place.name),
      pid: fleet.pid(place.name),
      rpc: rpcUrlOf(place),
      latencyMs: disturbances.latencyMs(place.name),
    })),
    experts: hosted.map((one) => {
      const fault = disturbances.expertFault(one.node, one.expert);
      return { ...one, fault: fault?.kind ?? 'none', delayMs: fault?.delayMs ?? 0 };
    }),
    operation: operations.last,
  };
}
