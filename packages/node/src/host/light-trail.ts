/**
 * From an operator's checkpoint to a trusted header, one light block at a time (spec: light-client §3, §5). Owns which height is
 * needed next and what an answer is worth; asking peers is the restorer's. A checkpoint at height 0 trusts the genesis set.
 */
import {
  decodeLightBlock,
  type Genesis,
  type Header,
  type Height,
  type LightBlock,
  type TimestampMs,
  validatorsHash,
  ZERO_HASH,
} from '@synod/chain';
import {
  type Bisection,
  type BisectionStep,
  type LightClientConfig,
  lightBlockProblem,
  startBisection,
  stepBisection,
  verifyCheckpoint,
} from '@synod/consensus';
import type { Checkpoint } from './checkpoint.ts';

/** What came of a light block. `fault`: its sender lied. `trust`: no sender could do better, the operator must. */
export type TrailStep =
  | { readonly kind: 'more' }
  | { readonly kind: 'reached'; readonly header: Header }
  | { readonly kind: 'fault'; readonly reason: string }
  | { readonly kind: 'trust'; readonly code: 'LIGHT_TRUST_EXPIRED' | 'LIGHT_HEADER_FROM_FUTURE' };

export class LightTrail {
  readonly #config: LightClientConfig;
  readonly #genesis: Genesis;
  readonly #checkpoint: Checkpoint;
  readonly #target: Height;
  /** The highest block that is trusted. */
  #trusted: LightBlock | null = null;
  #machine: Bisection | null = null;

  constructor(options: { config: LightClientConfig; genesis: Genesis; checkpoint: Checkpoint; target: Height }) {
    this.#config = options.config;
    this.#genesis = options.genesis;
    this.#checkpoint = options.checkpoint;
    this.#target = options.target;
  }

  /** Height whose light block is needed next. */
  get awaited(): Height {
    return this.#machine?.awaited ?? this.#start;
  }

  /** True while the checkpoint's own block is not there yet. */
  get isAtStart(): boolean {
    return this.#trusted === null;
  }

  /** Takes an encoded light block that was said to be the awaited one. */
  take(bytes: Uint8Array, nowMs: TimestampMs): TrailStep {
    const block = decodeLightBlock(bytes);
    if (!block.ok) return { kind: 'fault', reason: block.reason };
    if (this.#machine !== null) return this.#advance(stepBisection(this.#machine, block.value, nowMs));
    const problem = this.#startProblem(block.value);
    if (problem !== null) return { kind: 'fault', reason: problem };
    this.#trusted = block.value;
    return this.#begin(block.value);
  }

  get #start(): Height {
    return Math.max(1, this.#checkpoint.height);
  }

  #startProblem(block: LightBlock): string | null {
    if (this.#checkpoint.height > 0) {
      const verdict = verifyCheckpoint({ checkpoint: this.#checkpoint, block, config: this.#config });
      return verdict.ok ? null : verdict.code;
    }
    const { header } = block;
    if (header.height !== 1 || header.lastBlockId !== ZERO_HASH) return 'CHECKPOINT_HEIGHT_DIFFERS';
    if (header.validatorsHash !== validatorsHash(this.#genesis.validators)) return 'LIGHT_SET_UNEXPECTED';
    return lightBlockProblem(block, this.#config)?.code ?? null;
  }

  #begin(trusted: LightBlock): TrailStep {
    if (trusted.header.height === this.#target) return { kind: 'reached', header: trusted.header };
    return this.#advance(startBisection({ trusted, targetHeight: this.#target, config: this.#config }));
  }

  #advance({ state, effects }: BisectionStep): TrailStep {
    this.#machine = state;
    this.#trusted = state.trusted;
    const last = effects.at(-1);
    if (last?.kind === 'done') return { kind: 'reached', header: state.trusted.header };
    if (last?.kind !== 'failed') return { kind: 'more' };
    const { code } = last.refusal;
    // Another peer may go on from what is verified.
    const again = startBisection({ trusted: state.trusted, targetHeight: this.#target, config: this.#config });
    this.#machine = again.state;
    if (code === 'LIGHT_TRUST_EXPIRED' || code === 'LIGHT_HEADER_FROM_FUTURE') return { kind: 'trust', code };
    return { kind: 'fault', reason: code };
  }
}
