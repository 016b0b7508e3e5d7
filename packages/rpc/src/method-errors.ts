/**
 * By which names each method can refuse, beyond what any request can meet (spec: rpc §4). Owns the table that the OpenRPC document
 * shows; the codes are errors.ts.
 */

/** Of any method: bad parameters, and the limits of the server. */
export const commonErrors = ['INVALID_PARAMS', 'LIMIT_EXCEEDED', 'RATE_LIMITED'] as const;

const missing = ['UNKNOWN', 'FUTURE', 'PRUNED'] as const;
const prompt = ['PROMPT_EMPTY', 'PROMPT_TOO_LONG', 'PROMPT_NOT_TEXT'] as const;
const pricing = [...prompt, 'NO_EXPERT', 'DOMAIN_UNKNOWN', 'EXPERT_UNKNOWN', 'EXPERT_UNAVAILABLE', 'SYNCING'] as const;
const paying = ['INSUFFICIENT_BALANCE', 'MAX_COST_TOO_LOW', 'NO_COORDINATOR'] as const;
const admission = [
  'MALFORMED',
  'FEE_TOO_LOW',
  'EXPIRED',
  'VALID_UNTIL_TOO_FAR',
  'BAD_SIGNATURE',
  'WRONG_CHAIN',
  'DUPLICATE',
  'TRANSACTION_TOO_LARGE',
  'PAYLOAD_INVALID',
  'MEMPOOL_FULL',
] as const;
const feedback = [
  'FEEDBACK_UNKNOWN_QUERY',
  'FEEDBACK_UNSETTLED',
  'FEEDBACK_NO_ANSWER',
  'FEEDBACK_WINDOW_OVER',
  'FEEDBACK_FOREIGN',
  'FEEDBACK_TWICE',
  'FEEDBACK_PRIVATE',
  'FEEDBACK_TOO_LONG',
  'FEEDBACK_EMPTY',
  'FEEDBACK_MALFORMED',
  'BLOB_NOT_STORED',
] as const;
const address = 'ADDRESS_INVALID';
const proof = [...missing, 'TRAIL_TOO_LONG', 'TRAIL_BROKEN'] as const;
const model = ['LINEAGE_EMPTY', 'VERSION_UNKNOWN'] as const;

/** By method; what is not here refuses by the common names only. */
export const methodErrors: Readonly<Record<string, readonly string[]>> = {
  chain_getBlock: missing,
  chain_getBlocks: missing,
  chain_getCommit: missing,
  chain_getLightBlock: missing,
  chain_getHeaders: missing,
  state_getAccount: [address],
  state_getProof: proof,
  tx_submit: ['MALFORMED', 'TRANSACTION_REJECTED'],
  tx_get: ['UNKNOWN'],
  tx_simulate: ['MALFORMED'],
  tx_search: [address],
  tx_pending: [address],
  staking_validator: [address, 'UNKNOWN'],
  staking_delegations: [address],
  staking_unbonding: [address],
  staking_signingInfo: [address, 'UNKNOWN'],
  staking_rewards: [address],
  reward_epoch: ['UNKNOWN'],
  reward_explain: [address, 'UNKNOWN'],
  params_proposal: ['UNKNOWN'],
  expert_get: [address, 'UNKNOWN'],
  expert_stats: [address, 'UNKNOWN'],
  expert_quote: [address, 'UNKNOWN'],
  query_quote: pricing,
  query_prepare: [...pricing, ...paying],
  query_submit: [
    ...pricing,
    ...paying,
    ...admission,
    'NOT_DEVNET',
    'ACCOUNT_UNKNOWN',
    'NOT_COORDINATOR',
    'COORDINATOR_UNKNOWN',
    'MAX_FEE_TOO_LOW',
    'OPEN_QUERIES_FULL',
    'PRIVATE_QUERIES_FULL',
    'PRIVATE_PROMPT_MISSING',
    'PRIVATE_PROMPT_MISMATCH',
  ],
  query_get: ['UNKNOWN'],
  query_list: [address],
  query_getDisclosure: ['QUERY_UNKNOWN', 'READ_KEY_WRONG'],
  query_cancel: ['QUERY_UNKNOWN', 'NOT_DEVNET', 'NOT_REQUESTER'],
  query_getReceipt: ['QUERY_UNKNOWN', ...proof],
  query_explainSelection: ['UNKNOWN'],
  query_candidates: prompt,
  reputation_get: [address],
  reputation_explain: [address, 'UNKNOWN'],
  feedback_submit: [
    ...feedback,
    ...admission,
    'NOT_DEVNET',
    'ACCOUNT_UNKNOWN',
    'READ_KEY_WRONG',
    'FEEDBACK_UNFUNDED',
    'FEEDBACK_FILE_FULL',
    'FEEDBACK_FULL',
    'FEEDBACK_LEAF',
    'LEARNING_FULL',
    'BLOB_MISSING',
    'BLOB_MISMATCH',
  ],
  feedback_prepare: feedback,
  feedback_get: ['FEEDBACK_UNKNOWN'],
  feedback_export: ['LINEAGE_EMPTY', ...proof],
  blob_get: ['BLOB_UNKNOWN'],
  model_lineage: [address, 'UNKNOWN', 'LINEAGE_EMPTY'],
  model_getVersion: model,
  model_history: [address, 'UNKNOWN', 'LINEAGE_EMPTY'],
  model_diff: model,
  model_listRounds: ['LINEAGE_EMPTY'],
  model_getRound: ['ROUND_UNKNOWN'],
  sub_subscribe: ['NOT_SUPPORTED'],
  sub_unsubscribe: ['NOT_SUPPORTED'],
  eth_getBalance: [address, 'NOT_SUPPORTED'],
  admin_addPeer: [address, 'PEER_UNREACHABLE'],
  dev_faucet: [address, 'INSUFFICIENT_BALANCE'],
  dev_setBalance: [address],
  dev_pauseNode: ['NOT_FOUND'],
  dev_resumeNode: ['NOT_FOUND'],
  dev_killNode: ['NOT_FOUND'],
  dev_startNode: ['NOT_FOUND'],
  admin_getSpendKey: ['SPEND_KEY_UNKNOWN'],
  admin_revokeSpendKey: ['SPEND_KEY_UNKNOWN'],
};
