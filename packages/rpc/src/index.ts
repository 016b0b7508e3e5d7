export { type RpcErrorBody, rpcCodes, toRpcError } from './errors.ts';
export type { QueryEventJson, QueryJson } from './json/query.ts';
export { defaultLimits, type RpcLimits } from './limits.ts';
export type { RpcMethodMap, RpcMethodName } from './methods/registry.ts';
export type * from './node-api.ts';
export { openRpcDocument } from './openrpc.ts';
export { createRpcServer, type RpcServer, type RpcServerOptions } from './server/create-rpc-server.ts';
export type { RpcLog } from './server/log.ts';
