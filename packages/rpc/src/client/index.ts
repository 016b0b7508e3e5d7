export type { QueryEventJson, QueryJson } from '../json/query.ts';
export type { RpcMethodMap, RpcMethodName } from '../methods/registry.ts';
export * from './synod-client.ts';
