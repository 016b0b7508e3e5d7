/** The methods of the admin listener (spec: rpc §8). Owns their table; what they do is the process's that runs the node. */
import { z } from 'zod';
import { Decimal, decimal, HeightParam } from '../json/scalars.ts';
import type { AnyRpcMethod, RpcMethod } from '../methods/method.ts';
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

const adminSetHaltHeight = defineAdminMethod({
  name: 'admin_setHaltHeight',
  summary:
    'The node stops after this block is stored, or goes on (null). Until it ends: a later start asks for its own --halt-height.',
  params: z.strictObject({ height: HeightParam.nullable().describe('above the newest block') }),
  result: z.object({ height: Decimal.nullable() }),
  access: 'write',
  handle: ({ admin }, { height }) => {
    admin.haltHeight.set(height);
    const now = admin.haltHeight.get();
    return { height: now === null ? null : decimal(now) };
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

const methods = [adminLogLevel, adminAddPeer, adminSetHaltHeight, adminStop] as const;

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
