/**
 * What a devnet says while it starts and runs, as data. Owns the shapes; reporters turn them into text, JSON or messages
 * to a waiting parent process, so they hold nothing that JSON cannot.
 */
import type { PaceMode } from '@synod/node';
import type { DevnetRecord } from './record.ts';

export type PhaseName = 'model' | 'genesis' | 'validators' | 'experts' | 'services' | 'finalized';

export type DevnetStatus = {
  readonly state: 'healthy' | 'degraded' | 'stalled' | 'busy';
  /** Why it is stalled, or what it is busy with; null otherwise. */
  readonly reason: string | null;
  readonly mode: PaceMode;
  readonly head: number;
  readonly finalized: number;
  /** Mean over the last observed blocks; null before the second observation. */
  readonly blockIntervalMs: number | null;
  readonly signing: number;
  readonly validators: number;
  readonly experts: number;
  readonly pending: number;
  readonly warnings: readonly string[];
};

export type DevnetEvent =
  | {
      readonly kind: 'heading';
      readonly version: string;
      readonly seed: string;
      readonly validators: number;
      readonly dataDir: string;
      readonly continued: boolean;
    }
  | { readonly kind: 'progress'; readonly phase: PhaseName; readonly detail: string }
  | { readonly kind: 'phase'; readonly phase: PhaseName; readonly detail: string; readonly elapsedMs: number }
  | { readonly kind: 'ready'; readonly record: DevnetRecord; readonly elapsedMs: number }
  | { readonly kind: 'status'; readonly status: DevnetStatus }
  | {
      readonly kind: 'nodeExited';
      readonly node: string;
      readonly reason: string;
      readonly log: string;
      readonly alive: number;
      readonly validators: number;
      readonly dataDir: string;
    }
  | { readonly kind: 'nodeStarted'; readonly node: string; readonly pid: number }
  | { readonly kind: 'stopping' }
  | { readonly kind: 'stopped'; readonly dataDir: string };

export type Report = (event: DevnetEvent) => void;
