/** The methods of the admin listener (spec: rpc §8). Owns their table; what they do is the process's that runs the node. */
import { z } from 'zod';
import type { AnyRpcMethod, RpcMethod } from '../methods/method.ts';
import { openRpcDocument } from '../openrpc.ts';
import { type AdminApi, logLevels } from './admin-api.ts';

/** What an admin method may use. */
export type AdminContext = { readonly admin: AdminApi };

/** Checks a definition against its own schemas and keeps its literal types. */
export function defineAdminMethod<Name extends string, Params extends z.ZodObject, Result extends z.ZodType>(
  method: RpcMethod<Name, Params, Result, AdminContext>,
): RpcMethod<Name, Params, Result, AdminContext> {
  return method;
}

const Level = z.enum(logLevels);

const adminLogLevel = defineAdminMethod({
  name: 'admin_logLevel',
  summary: 'How much the node logs; with `level`, from now on until it ends.',
  params: z.strictObject({ level: Level.optional() }),
  result: z.object({ level: Level }),
  access: 'write',
  handle: ({ admin }, { level }) => {
    if (level !== undefined) admin.logLevel.set(level);
    return { level: admin.logLevel.get() };
  },
});

const adminAddPeer = defineAdminMethod({
  name: 'admin_addPeer',
  summary: 'Dials a peer now; it is kept as any other that was met.',
  params: z.strictObject({ address: z.string().min(1).max(512).describe('multiaddress that ends with /p2p/PEER-ID') }),
  result: z.object({ address: z.string() }),
  access: 'write',
  handle: async ({ admin }, { address }) => {
    await admin.addPeer(address);
    return { address };
  },
});

const adminStop = defineAdminMethod({
  name: 'admin_stop',
  summary: 'Ends the node gracefully, as SIGTERM does. The answer comes first.',
  params: z.strictObject({}),
  result: z.object({ stopping: z.literal(true) }),
  access: 'write',
  handle: ({ admin }) => {
    admin.stop();
    return { stopping: true as const };
  },
});

const adminDiscover = defineAdminMethod({
  name: 'admin_discover',
  summary: 'The OpenRPC document of this listener.',
  params: z.strictObject({}),
  result: z.looseObject({ openrpc: z.string() }),
  access: 'read',
  handle: ({ admin: { version } }) =>
    openRpcDocument({ version, title: 'Synod admin listener', methods: adminMethods }),
});

const methods = [adminDiscover, adminLogLevel, adminAddPeer, adminStop] as const;

type Methods = (typeof methods)[number];

/** Parameter and result types per method name, as a client sees them. */
export type AdminMethodMap = {
  readonly [Method in Methods as Method['name']]: {
    readonly params: z.input<Method['params']>;
    readonly result: z.output<Method['result']>;
  };
};

/** Every admin method. */
export const adminMethods: readonly AnyRpcMethod[] = methods;
