/** What a refused transaction's code means to its sender and what to do next. Owns the sentences only. */
import type { ErrorFacts } from '@synod/chain';

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
    "A validator's own stake, or an expert's bond, is below the least one (staking_params: selfBondMin; chain_getParams: expertBondMin). Put up more.",
  DOMAIN_FULL: 'The domain has as many experts as the chain takes. Try again when one has retired.',
  EXPERT_DOMAIN_FIXED: 'An expert keeps its domain. Retire it, and register another one for the other domain.',
  EXPERT_EXISTS: 'The sender is an expert already. Update it instead.',
  EXPERT_OPERATOR_FIXED: 'An expert keeps its operator. Retire it, and register another one.',
  EXPERT_RETIRED:
    'The expert has retired. Its address can register anew once its bond is paid out (releaseAt of expert_get).',
  EXPERT_UNKNOWN: "No expert has this address. Sign with the expert's own key; expert_list tells who there is.",
  NOT_EXPERT: 'An expert is retired by itself alone. Sign with its own key.',
  OPERATOR_CONSENT_MISSING:
    'The operator named has not signed that this expert is its own. Get its consent for this very chain and address.',
  CANDIDATES_FULL:
    'There are as many validators as the chain takes, and those that wait have as much stake. Bond more.',
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
  UNBONDING_FULL:
    'The sender has as many entries on their way out of this pool as one can have. Try again when one has matured.',
  VALIDATOR_EXISTS: 'The sender already has a validator. Delegate to it, or use another account.',
  VALIDATOR_GONE: 'The validator has left for good. Choose another one.',
  VALIDATOR_UNKNOWN: 'No validator has this operator. Look them up with staking_validators.',
  DEPOSIT_TOO_LOW: 'The deposit is below the least one (voting.depositMin in params_list). Put up more.',
  PARAMS_REFUSED: 'The chain cannot go over to these parameters. Ask params_check why, and change the proposal.',
  PROPOSALS_FULL:
    'As many proposals as the chain takes are open. Try again when one is decided, or have one of the 16 largest validators propose it.',
  PROPOSAL_UNKNOWN:
    'No open proposal has this id: it was never made, or it is decided. Look them up with params_proposals.',
  ROTATION_TOO_SOON: 'The keys were given less than an epoch ago. Try again in the next epoch.',
  VALIDATOR_NOT_ACTIVE:
    'Only active validators with a seat vote. Have it released from jail, or give it more stake of its own, first.',
  VOTING_OVER: 'The time to vote on it is over. It passed, and is made at the end of the epoch.',
  EVIDENCE_COMMON_HEIGHT: 'The block both sides share must lie below the attack. Make the evidence anew.',
  EVIDENCE_FROM_FUTURE: 'It is about a height that this node has not decided yet. Try again a few blocks later.',
  EVIDENCE_KNOWN: 'The chain has recorded this offence already. Nothing is left to do.',
  EVIDENCE_NOT_A_VALIDATOR: 'Somebody whom it accuses was no validator at that height. Check that it is of this chain.',
  EVIDENCE_NOT_ATTRIBUTABLE:
    'The two blocks are of different rounds, which proves nobody guilty. Show it to the operators instead.',
  EVIDENCE_NOT_CONFLICTING: 'Both sides say the same, so nobody did wrong.',
  EVIDENCE_NOT_OF_THIS_CHAIN:
    'Neither header is the block that this node has at that height. Ask a node of the chain it is about.',
  EVIDENCE_NOT_PROVEN: 'A signature in it is not good. It proves nothing; get it again from its source.',
  EVIDENCE_POOL_FULL: 'This node has no room for more evidence. Try another node, or again in a few blocks.',
  EVIDENCE_SIGNERS: 'Its list of signers is not sorted, empty, or differs between its sides. Make the evidence anew.',
  EVIDENCE_SLOT_DIFFERS: 'Its two sides are about different slots, which proves nothing.',
  EVIDENCE_TOO_OLD:
    'It is older than the chain punishes (evidenceAgeHeights, evidenceAgeMs in staking_params). Nothing can be done.',
  FEEDBACK_FOREIGN: 'Only who opened the query may say how its answer was. Sign with that key.',
  FEEDBACK_TWICE: 'Feedback about this query was given before, and stands. Nothing is left to do.',
  FEEDBACK_PRIVATE: 'Feedback about a private query stays at home. Give it at the node that opened the query.',
  FEEDBACK_TOO_LONG: 'Its words are longer than learning.feedbackBytesMax of params_list. Shorten the correction.',
  FEEDBACK_EMPTY: 'It names no words. Make it anew with feedback_prepare.',
  FEEDBACK_LEAF: 'A correction names the passage that it becomes, a rating none. Make it anew with feedback_prepare.',
  FEEDBACK_FULL: 'As much feedback of this domain waits as the chain takes. Try again after its next training round.',
  LEARNING_FULL: 'As many domains learn as the chain takes. Nothing can be done about that.',
  ROUND_UNKNOWN: 'No such training round is under way: it is over, or it never was. Look it up with model_listRounds.',
  ROUND_PHASE: 'The round is past that point, or not there yet. Its phase is in model_getRound.',
  TRAINER_UNKNOWN: 'The sender was not drawn for this round. Only the trainers of model_getRound deliver to it.',
  DELTA_TWICE: 'This trainer has delivered to the round before. Nothing is left to do.',
  DELTA_MISMATCH: 'What is opened is not what was committed. Open the very delta, with the salt of its commitment.',
  DELTA_TOO_LONG: 'The delta is longer than learning.deltaBytesMax. Check that it is of this model and base.',
  VERSION_NOT_LIVE: 'Only the canary or the stable version can be taken back. model_lineage says which they are.',
  ALREADY_VOTED: 'This operator votes so already. Nothing is left to do.',
  NOT_VALIDATOR: 'Only operators of active validators vote. Sign with such a key.',
  QUERY_NOT_PRIVATE: 'Everything about this query is public already. Nothing is left to disclose.',
  NOT_OF_COMMITTEE:
    'Only its requester and the members of its committee disclose a private query. Sign with the account that asked.',
  DISCLOSURE_MISMATCH:
    'What was sent is not what the hashes on chain stand for. Get it anew from the node that opened the query.',
  ALREADY_DISCLOSED: 'These answers were disclosed before. Nothing is left to do.',
  NOT_REQUESTER: 'Only who opened the query may cancel it. Sign with that key.',
  ALREADY_CANCELLED: 'The query was cancelled before. It settles by what is delivered.',
  QUERY_PHASE_WRONG: 'The query is past that point: its answers are being scored, or it is settled.',
  QUERY_UNKNOWN: 'No open or recent query has this id. Check it.',
  WRONG_CHAIN: 'It was signed for another chain. Check the chain id.',
};

/** A sentence with the next step, or null for a code without one. `facts`: of the refusal, where there are any. */
export function describeRefusal(code: string, facts: ErrorFacts = {}): string | null {
  if (code !== 'PAYLOAD_INVALID') return sentences[code] ?? null;
  const where = facts['field'] === undefined ? 'A field' : `"${facts['field']}" of ${facts['payload']}`;
  return `${where} is not what this chain takes. Bounds are in params_list and chain_getParams, forms in docs/spec/codec.md; sign it anew within them.`;
}
