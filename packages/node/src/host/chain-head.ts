/**
 * Where the chain stands: the newest applied block, its state and what the next block must refer to.
 * Owns the shape and the look-ups everybody in the host shares. Changed in one place only, the block committer.
 */
import {
  type Address,
  type BlockResults,
  type ChainParams,
  type ExtendedCommit,
  type Genesis,
  genesisParent,
  type Hash,
  type Header,
  type Height,
  oncePerObject,
  type ParentBlock,
  type PublicKey,
  parentOf,
  readParams,
  readPool,
  readValidatorRecord,
  readValidatorsAt,
  type StateTree,
  type Validator,
  ZERO_HASH,
} from '@synod/chain';

export type ChainHead = {
  /** 0 is genesis. */
  readonly height: Height;
  /** ZERO_HASH at genesis. */
  readonly blockId: Hash;
  readonly header: Header | null;
  /** State after the block. */
  readonly state: StateTree;
  /** What the block did; null at genesis. */
  readonly results: BlockResults | null;
  /** The certificate that decided the block; null at genesis. */
  readonly commit: ExtendedCommit | null;
};

/** Facts that never change while a node runs. */
export type ChainIdentity = { readonly genesis: Genesis; readonly chainId: string; readonly genesisHash: Hash };

export function genesisHead(state: StateTree): ChainHead {
  return { height: 0, blockId: ZERO_HASH, header: null, state, results: null, commit: null };
}

/** What the next block must refer to. */
export function parentBlock(head: ChainHead, identity: ChainIdentity): ParentBlock {
  return head.header === null || head.results === null
    ? genesisParent(identity.genesis)
    : parentOf(head.header, head.results);
}

/** True when these operators hold more than two thirds of the power that decides the block after this head. */
export function isQuorumOf(head: ChainHead, operators: readonly Address[]): boolean {
  const connected = new Set(operators);
  const validators = nextValidators(head);
  const total = validators.reduce((sum, { power }) => sum + power, 0n);
  const present = validators.reduce((sum, { operator, power }) => (connected.has(operator) ? sum + power : sum), 0n);
  return 3n * present > 2n * total;
}

/** Whether none of the validators that decide the next block is missing. */
export function isEverybodyOf(head: ChainHead, operators: readonly Address[]): boolean {
  const connected = new Set(operators);
  return nextValidators(head).every(({ operator }) => connected.has(operator));
}

/** The validator set that decides the block after this head. */
export function nextValidators(head: ChainHead): readonly Validator[] {
  return readValidatorRecord(head.state).validators;
}

/** The set that decides a height, as far as this head's state knows it: two heights ahead, and back as far as evidence. */
export function validatorsAt({ state }: ChainHead, height: Height): readonly Validator[] | null {
  const known = setsOf(state);
  const before = known.get(height);
  if (before !== undefined) return before;
  const set = readValidatorsAt(state, height);
  if (known.size < SETS_REMEMBERED) known.set(height, set);
  return set;
}

/** Every vote asks for one of the two heights that are under way. */
const SETS_REMEMBERED = 4;
const setsOf = oncePerObject((_state: StateTree) => new Map<Height, readonly Validator[] | null>());

/**
 * Consensus keys that prove an operator now: its pool's, for it may connect before it is taken in or while in jail, and that
 * of the next set, which keeps an old key for a while after the pool has a new one. None for whoever has no pool.
 */
export function keysOf(head: ChainHead, operator: Address): readonly PublicKey[] {
  const member = nextValidators(head).find((validator) => validator.operator === operator);
  return [readPool(head.state, operator), member].flatMap((each) => (each == null ? [] : [each.publicKey]));
}

/** Where a node keeps the validator set with this hash among its local notes. */
export function validatorSetKey(hash: Hash): string {
  return `validators/${hash}`;
}

export function paramsOf(head: ChainHead): ChainParams {
  return readParams(head.state);
}

/** Time of the newest block, or the genesis time. */
export function headTimeMs(head: ChainHead, identity: ChainIdentity): number {
  return head.header?.time ?? identity.genesis.time;
}
