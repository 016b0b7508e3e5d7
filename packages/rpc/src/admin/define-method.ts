/** How an admin method is written down. Owns the check of its types; the table is admin-methods.ts. */
import type { z } from 'zod';
import type { RpcMethod } from '../methods/method.ts';
import type { AdminApi } from './admin-api.ts';

/** What an admin method may use. */
export type AdminContext = { readonly admin: AdminApi };

/** Checks a definition against its own schemas and keeps its literal types. */
export function defineAdminMethod<Name extends string, Params extends z.ZodObject, Result extends z.ZodType>(
  method: RpcMethod<Name, Params, Result, AdminContext>,
): RpcMethod<Name, Params, Result, AdminContext> {
  return method;
}
