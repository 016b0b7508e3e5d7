/** A typed client of the admin listener over fetch. Owns the token's header; answers are read as the public client reads them. */
import type { AdminMethodMap } from '../admin/admin-methods.ts';
import { callRpc } from './synod-client.ts';

export type AdminClient = {
  /** Throws what the public client's `call` throws, and `UNAUTHORISED`. */
  call<Name extends keyof AdminMethodMap>(
    name: Name,
    params: AdminMethodMap[Name]['params'],
  ): Promise<AdminMethodMap[Name]['result']>;
};

const TIMEOUT_MS = 30_000;

/** Creates a client; nothing is sent before the first call. */
export function createAdminClient({ url, token }: { readonly url: string; readonly token: string }): AdminClient {
  return {
    call: async (name, params) =>
      (await callRpc(name, params, {
        url,
        timeoutMs: TIMEOUT_MS,
        headers: { authorization: `Bearer ${token}` },
        send: globalThis.fetch,
      })) as never,
  };
}
