export type { ExpertCardJson } from '../json/expert-card.ts';
export type { QueryEventJson, QueryJson } from '../json/query.ts';
export type { RoutingJson } from '../json/routing.ts';
export type { RpcMethodMap, RpcMethodName } from '../methods/registry.ts';
export * from './admin-client.ts';
export * from './follow-anywhere.ts';
export * from './subscribe.ts';
export {
  createSynodClient,
  type FollowQueryOptions,
  type SynodClient,
  type SynodClientOptions,
} from './synod-client.ts';
