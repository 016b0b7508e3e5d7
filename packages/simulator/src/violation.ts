/** The promises that a schedule can see broken. Owns their names; who watches what is checker.ts. */

export type ViolationKind =
  | 'agreement'
  | 'validity'
  | 'stateRoot'
  | 'supply'
  | 'ledger'
  | 'order'
  | 'durability'
  | 'doubleSign'
  | 'honestAccused'
  | 'honestBanned'
  | 'impersonated'
  | 'notAccused'
  | 'votedInvalid'
  | 'votingRule'
  | 'bounds'
  | 'replay'
  | 'liveness'
  | 'hostThrew'
  | 'notAlive';

export type Violation = { readonly kind: ViolationKind; readonly atMs: number; readonly text: string };
