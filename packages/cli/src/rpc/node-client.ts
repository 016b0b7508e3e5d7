/**
 * The CLI's view of one node over JSON-RPC: the few calls commands share, with the client's errors turned into the CLI's
 * own codes. Owns that translation; the typed client owns the transport.
 */
import { SynodError } from '@synod/chain';
import { createSynodClient, type SynodClient } from '@synod/rpc/client';

const TIMEOUT_MS = 15_000;

const CODES: Readonly<Record<string, string>> = { RPC_UNREACHABLE: 'NODE_UNREACHABLE', RPC_TIMEOUT: 'TIMEOUT' };

export type NodeClient = ReturnType<typeof createNodeClient>;

/** A client of the node at `url`; nothing is sent before the first call. */
export function createNodeClient(url: string, timeoutMs: number = TIMEOUT_MS) {
  const client = createSynodClient({ url, timeoutMs });
  return {
    url,
    client,
    status: () => translated(client.call('node_status')),
    /** Members of the set; those in jail or gone are left out. */
    validators: async () => {
      const { items } = await translated(client.call('staking_validators', { limit: 100 }));
      return items.filter(({ power }) => power !== '0');
    },
    experts: async () => (await translated(client.call('expert_list', { limit: 100 }))).items,
    call: ((name, ...params) => translated(client.call(name, ...params))) as SynodClient['call'],
  };
}

async function translated<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw translateError(error);
  }
}

/** The same error under the code that decides the CLI's exit code. */
export function translateError(error: unknown): unknown {
  if (!(error instanceof SynodError)) return error;
  const code = CODES[error.code];
  return code === undefined ? error : new SynodError(code, error.message, { facts: error.facts, cause: error });
}
