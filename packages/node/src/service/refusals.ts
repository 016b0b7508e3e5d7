/** What a refused transaction's code means to its sender and what to do next. Owns the sentences only. */
const sentences: Readonly<Record<string, string>> = {
  BAD_SIGNATURE: 'The signature does not match the sender and the body. Sign it again with the right key and chain id.',
  DUPLICATE: 'This transaction was accepted before. Look it up by its id instead of sending it again.',
  EXPIRED: 'Its validUntil has passed or lies too far ahead. Sign it anew with a validUntil within 128 heights.',
  FEE_TOO_LOW: 'Its maxBaseFeePerByte is below the current base fee. Sign it anew with a higher one.',
  INSUFFICIENT_BALANCE: 'The sender cannot pay for it. Send less, or fund the account.',
  MALFORMED: 'Encode it as docs/spec/codec.md says.',
  MEMPOOL_FULL: 'This node has no room for more transactions. Try again in a few blocks, or raise the tip.',
  AMOUNT_TOO_LOW:
    'The amount is below the least one of a move (staking_params: delegationMin). Move more, or everything.',
  BOND_TOO_LOW:
    "The operator's own stake is below the least one (staking_params: selfBondMin). Delegate more to itself.",
  CANDIDATES_FULL: 'There are as many validators as the chain takes. Try again when one has left.',
  COMMISSION_STEP_TOO_LARGE: 'One change may move the commission by commissionStepMax at most. Go in several steps.',
  COMMISSION_TOO_SOON: 'The commission was changed less than an epoch ago. Try again in the next epoch.',
  INSUFFICIENT_STAKE: 'The sender has less than that in this pool. Look it up with staking_delegations.',
  JAIL_NOT_OVER: 'The time in jail is not over: nextActionHeight of staking_validator says from which height on.',
  KEY_USED: 'One of the keys is, or was, the key of a validator. Make new ones.',
  NOT_JAILED: 'The validator is not in jail, so there is nothing to release it from.',
  NOT_OPERATOR: "Only the validator's own operator may do that. Sign it with the operator's key.",
  POSSESSION_UNPROVEN:
    'The proofs that the sender holds both keys are not good. Make them anew for this chain and operator.',
  REDELEGATION_PENDING:
    'Stake that came here by redelegation still answers for where it came from. Undelegate it instead.',
  SAME_VALIDATOR: 'The stake is to move to where it is. Name another validator.',
  SHARES_UNAVAILABLE: 'The pool takes no stake of this size. Choose another validator.',
  UNBONDING_FULL: 'Too many entries of this pool are unbonding. Try again when some have matured.',
  VALIDATOR_EXISTS: 'The sender already has a validator. Delegate to it, or use another account.',
  VALIDATOR_GONE: 'The validator has left for good. Choose another one.',
  VALIDATOR_UNKNOWN: 'No validator has this operator. Look them up with staking_validators.',
  WRONG_CHAIN: 'It was signed for another chain. Check the chain id.',
};

/** A sentence with the next step, or null for a code without one. */
export function describeRefusal(code: string): string | null {
  return sentences[code] ?? null;
}
