/** The one way from the page to its node: the typed JSON-RPC client of the origin that served the page. Owns cancelling; never repeats. */
import { createSynodClient, type RpcMethodMap, type RpcMethodName } from '@synod/rpc/client';

export const client = createSynodClient({ url: globalThis.location?.origin ?? 'http://127.0.0.1:9545' });

export type Params<Name extends RpcMethodName> = RpcMethodMap[Name]['params'];
export type Result<Name extends RpcMethodName> = RpcMethodMap[Name]['result'];

/** A call that the signal ends. Throws what `SynodClient.call` throws, and the signal's reason once it is aborted. */
export async function callRpc<Name extends RpcMethodName>(
  name: Name,
  params: Params<Name>,
  signal?: AbortSignal,
): Promise<Result<Name>> {
  signal?.throwIfAborted();
  const bound = createSynodClient({
    url: client.url,
    fetch: (input, init) => fetch(input, { ...init, signal: either(init?.signal, signal) }),
  });
  try {
    return await (bound.call as (name: Name, params: Params<Name>) => Promise<Result<Name>>)(name, params);
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

function either(own: AbortSignal | null | undefined, given: AbortSignal | undefined): AbortSignal | null {
  if (own && given) return AbortSignal.any([own, given]);
  return given ?? own ?? null;
}
