/** `rpc.discover` and `rpc_methods`: what this server can be asked. */
import { z } from 'zod';
import { defineMethod } from './method.ts';

export const rpcDiscover = defineMethod({
  name: 'rpc.discover',
  summary: 'The OpenRPC document of this server.',
  access: 'read',
  params: z.strictObject({}),
  result: z.looseObject({ openrpc: z.string() }),
  handle: (context) => context.openRpc() as { openrpc: string },
});

export const rpcMethods = defineMethod({
  name: 'rpc_methods',
  summary: 'The names of all methods.',
  access: 'read',
  params: z.strictObject({}),
  result: z.strictObject({ methods: z.array(z.string()) }),
  handle: (context) => ({ methods: [...context.methodNames()] }),
});
