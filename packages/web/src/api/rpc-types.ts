/** Names for the shapes that pages get from the RPC. Owns no shape: all are the server's (types only, nothing of it is loaded). */
import type { Result } from './client.ts';

export type ExpertRecord = Result<'expert_list'>['items'][number];
export type ExpertCard = Result<'expert_get'>;
export type ReputationExplanation = Result<'reputation_explain'>;
export type ValidatorView = Result<'staking_validators'>['items'][number];
export type Block = Result<'chain_getBlock'>;
export type BlockEvent = NonNullable<Result<'chain_getBlockEvents'>['events']>[number];
export type CommitView = Result<'chain_getCommit'>;
export type TransactionView = Result<'tx_get'>;
export type Transaction = Block['transactions'][number];
export type Payload = Transaction['payload'];
export type Query = Result<'query_get'>;
export type Selection = Result<'query_explainSelection'>;
export type Version = Result<'model_getVersion'>;
export type Lineage = Result<'model_lineage'>;
export type Line = Lineage['line'];
export type Round = Result<'model_getRound'>;
export type Feedback = Result<'feedback_list'>['items'][number];
export type Epoch = Result<'reward_epochs'>['items'][number];
export type EpochTable = Result<'reward_epoch'>;
export type RewardExplanation = Result<'reward_explain'>;
