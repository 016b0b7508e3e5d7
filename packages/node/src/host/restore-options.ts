/** What a restoration of a snapshot is given and what comes of it. Owns the shapes; snapshot-restore.ts does it. */
import type { Height, StateTree } from '@synod/chain';
import type { LightClientConfig } from '@synod/consensus';
import type { ChainIdentity } from './chain-head.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { HostPorts, RestoreFiles } from './ports.ts';
import type { CheckedAnchor } from './snapshot-anchor.ts';

export type RestoreOutcome =
  | { readonly kind: 'restored'; readonly state: StateTree; readonly anchor: CheckedAnchor }
  /** No peer offers a snapshot worth restoring: sync by blocks. */
  | { readonly kind: 'blocks' };

/** How much of a snapshot there is; sizes in bytes of the whole. */
export type RestoreProgress = {
  readonly height: Height;
  readonly done: number;
  readonly of: number;
  readonly bytes: number;
};

export type RestoreOptions = {
  readonly identity: ChainIdentity;
  readonly checkpoint: Checkpoint;
  readonly config: LightClientConfig;
  readonly ports: Pick<HostPorts, 'network' | 'timers' | 'clock' | 'observer'>;
  readonly files: RestoreFiles;
  /** Wait for a snapshot however long it takes, rather than sync by blocks. */
  readonly isRequired: boolean;
  /** This node's hello. */
  readonly hello: Uint8Array;
  /** Told now and then; nobody when left out or null. */
  readonly onProgress?: ((progress: RestoreProgress) => void) | null;
  /** Called once; no input is to be given afterwards. */
  readonly onOutcome: (outcome: RestoreOutcome) => void;
};
