/** All methods, by name. What is not here does not exist: the server, the client's types and the OpenRPC document read it. */
import type { z } from 'zod';
import * as chain from './chain.ts';
import * as dev from './dev.ts';
import * as eth from './eth.ts';
import { queryCandidates, queryExplainSelection, reputationExplain } from './explain.ts';
import * as feedback from './feedback.ts';
import * as history from './history.ts';
import { expertGet, expertList, reputationGet } from './market.ts';
import type { AnyRpcMethod } from './method.ts';
import * as model from './model.ts';
import { modelDiff, modelHistory } from './model-history.ts';
import * as node from './node.ts';
import * as params from './params.ts';
import * as query from './query.ts';
import * as rewards from './rewards.ts';
import { rpcDiscover, rpcMethods } from './rpc.ts';
import * as staking from './staking.ts';
import { stakingRewards, stakingSigningInfo } from './staking-history.ts';
import { expertQuote, expertStats, reputationLeaderboard } from './standing.ts';
import { stateGetAccount, stateGetProof } from './state.ts';
import { subSubscribe, subUnsubscribe } from './sub.ts';
import { txGet, txSubmit } from './tx.ts';
import { txEstimateFee, txSimulate } from './tx-trial.ts';

const methods = [
  rpcDiscover,
  rpcMethods,
  node.nodeStatus,
  node.nodeHealth,
  node.nodePeers,
  node.nodeAddresses,
  node.nodeCapabilities,
  chain.chainGetHead,
  chain.chainGetFinalized,
  chain.chainGetBlock,
  chain.chainGetBlocks,
  chain.chainGetBlockEvents,
  chain.chainGetCommit,
  chain.chainGetLightBlock,
  chain.chainGetHeaders,
  chain.chainGetGenesis,
  chain.chainGetParams,
  chain.chainSubmitEvidence,
  stateGetAccount,
  stateGetProof,
  txSubmit,
  txGet,
  txSimulate,
  txEstimateFee,
  history.txSearch,
  history.txPending,
  staking.stakingValidators,
  staking.stakingValidator,
  staking.stakingDelegations,
  staking.stakingUnbonding,
  staking.stakingParams,
  stakingSigningInfo,
  stakingRewards,
  history.stakingEvidence,
  rewards.rewardEpochs,
  rewards.rewardEpoch,
  rewards.rewardExplain,
  params.paramsList,
  params.paramsProposals,
  params.paramsProposal,
  params.paramsCheck,
  expertList,
  expertGet,
  expertStats,
  expertQuote,
  query.queryQuote,
  query.queryPrepare,
  query.querySubmit,
  query.queryGet,
  history.queryList,
  query.queryGetDisclosure,
  query.queryCancel,
  query.queryGetReceipt,
  queryExplainSelection,
  queryCandidates,
  reputationGet,
  reputationLeaderboard,
  reputationExplain,
  feedback.feedbackSubmit,
  feedback.feedbackPrepare,
  feedback.feedbackGet,
  feedback.feedbackList,
  feedback.feedbackExport,
  feedback.blobGet,
  model.modelLineage,
  model.modelGetVersion,
  modelHistory,
  modelDiff,
  model.modelListRounds,
  model.modelGetRound,
  subSubscribe,
  subUnsubscribe,
  dev.devAccounts,
  dev.devFaucet,
  dev.devGetStatus,
  dev.devMine,
  dev.devSetBlockTime,
  dev.devAdvanceEpoch,
  dev.devAdvanceTime,
  dev.devSetFault,
  dev.devSetLatency,
  dev.devPauseNode,
  dev.devResumeNode,
  dev.devKillNode,
  dev.devStartNode,
  dev.devPartition,
  dev.devHeal,
  dev.devSnapshot,
  dev.devRestore,
  dev.devRevert,
  dev.devListSnapshots,
  dev.devDumpState,
  dev.devLoadState,
  dev.devSetBalance,
  dev.devSetParam,
  eth.ethChainId,
  eth.ethBlockNumber,
  eth.ethGetBalance,
  eth.netVersion,
] as const;

type Methods = (typeof methods)[number];

/** Parameter and result types per method name, as a client sees them. */
export type RpcMethodMap = {
  readonly [Method in Methods as Method['name']]: {
    readonly params: z.input<Method['params']>;
    readonly result: z.output<Method['result']>;
  };
};

export type RpcMethodName = keyof RpcMethodMap;

/** Every method in the order of the document. */
export const allMethods: readonly AnyRpcMethod[] = methods;

const byName = new Map<string, AnyRpcMethod>(methods.map((method) => [method.name, method]));

/** Finds a method by its exact name. */
export function findMethod(name: string): AnyRpcMethod | undefined {
  return byName.get(name);
}
