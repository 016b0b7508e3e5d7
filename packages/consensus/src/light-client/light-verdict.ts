/**
 * What the light client says of a light block, and what it must be told to say it. Owns shapes and codes; verdicts are
 * values, because light blocks come from strangers.
 */
import type { CommitFault, VerifySignature } from '../verify-commit.ts';

/** What a light client knows of its chain beforehand, and how far it trusts the past and its clock. */
export type LightClientConfig = {
  readonly chainId: string;
  /** A trusted header older than this vouches for nothing any more; below the unbonding time (consensus §1.15). */
  readonly trustingPeriodMs: number;
  /** How far a header may lie ahead of the local clock. */
  readonly clockDriftMsMax: number;
  readonly verify: VerifySignature;
};

/** Why a light block is not believed. The meaning of each is in light-client §8. */
export type LightFault =
  | CommitFault
  | 'LIGHT_HEADER_MALFORMED'
  | 'LIGHT_CHAIN_ID'
  | 'LIGHT_VERSION'
  | 'LIGHT_SET_MALFORMED'
  | 'LIGHT_VALIDATORS_HASH'
  | 'LIGHT_NEXT_VALIDATORS_HASH'
  | 'LIGHT_COMMIT_OF_OTHER_BLOCK'
  | 'LIGHT_HEIGHT_NOT_RISING'
  | 'LIGHT_HEIGHT_NOT_ADJACENT'
  | 'LIGHT_HEIGHT_NOT_ASKED'
  | 'LIGHT_TIME_NOT_RISING'
  | 'LIGHT_TRUST_EXPIRED'
  | 'LIGHT_HEADER_FROM_FUTURE'
  | 'LIGHT_SET_UNEXPECTED'
  | 'LIGHT_LINK_BROKEN'
  | 'LIGHT_TRUST_INSUFFICIENT'
  | 'LIGHT_BISECTION_TOO_LONG'
  | 'CHECKPOINT_HEIGHT_DIFFERS'
  | 'CHECKPOINT_HASH_DIFFERS';

export type LightFacts = Readonly<Record<string, string | number>>;

/** A refusal: the code, the height it is about, and what else helps to see why. */
export type LightRefusal<Fault extends string = LightFault> = {
  readonly ok: false;
  readonly code: Fault;
  readonly facts: LightFacts;
};

export type LightVerdict = { readonly ok: true } | LightRefusal;

/** A refusal of the block at `height`. */
export function refuse<Fault extends string>(code: Fault, height: number, facts: LightFacts = {}): LightRefusal<Fault> {
  return { ok: false, code, facts: { height, ...facts } };
}
