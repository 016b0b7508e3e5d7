/** Validators, delegations and unbonding stake as the server asks a node for them. Owns shapes; node-api.ts is the port. */
import type { Address, Amount, Height, Power, PublicKey, StakePool } from '@synod/chain';

/** A validator as stake and as a member of the sets (spec: staking). */
export type ValidatorView = {
  readonly operator: Address;
  readonly publicKey: PublicKey;
  readonly vrfKey: PublicKey;
  readonly pool: StakePool;
  /** Stake of the operator's own. */
  readonly selfBond: Amount;
  /** In the set of the next block, of the one after it, and as the next epoch's end would have it; 0 outside. */
  readonly power: Power;
  readonly powerNext: Power;
  readonly powerWanted: Power;
  /** Heights missed within `downtimeWindow`. */
  readonly missed: number;
  readonly lastSignedHeight: Height;
  readonly priority: bigint;
  /** Keys given that do not sign yet, and the first height in which they do as things are. */
  readonly rotation: { readonly publicKey: PublicKey; readonly actsFrom: Height } | null;
  readonly standing: ValidatorStanding;
};

/** How a validator stands, why, and what its operator can do from which height on (null: now). */
export type ValidatorStanding = {
  readonly name: 'signing' | 'joining' | 'waiting' | 'jailed' | 'exited' | 'tombstoned';
  readonly reason: string;
  readonly next: 'none' | 'wait' | 'unjail' | 'bond' | 'run';
  readonly fromHeight: Height | null;
};

export type DelegationView = { readonly validator: Address; readonly shares: Amount; readonly amount: Amount };

export type UnbondingView = {
  readonly kind: 'unbonding' | 'redelegation';
  readonly validator: Address;
  /** Where redelegated stake went. */
  readonly to: Address | null;
  readonly amount: Amount;
  readonly maturesAt: Height;
};
