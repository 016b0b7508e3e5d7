/**
 * The CLI's view of one node over JSON-RPC: the few calls commands share, with the client's errors turned into the CLI's
 * own codes. Owns that translation; the typed client owns the transport.
 */
import { SynodError } from '@synod/chain/errors';
import { createSynodClient, type RpcMethodMap, type SynodClient } from '@synod/rpc/client';

const TIMEOUT_MS = 15_000;
const PAGE_ITEMS = 100;

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
    validators: async () => (await everyValidator(client)).filter(({ power }) => power !== '0'),
    /** Every validator that ever was. */
    everyValidator: () => everyValidator(client),
    experts: async () => (await translated(client.call('expert_list', { limit: 100 }))).items,
    call: ((name, ...params) => translated(client.call(name, ...params))) as SynodClient['call'],
  };
}

async function everyValidator(client: SynodClient) {
  const items: RpcMethodMap['staking_validators']['result']['items'] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const params = { limit: PAGE_ITEMS, ...(cursor === undefined ? {} : { cursor }) };
    const page = await translated(client.call('staking_validators', params));
    items.push(...page.items);
    cursor = page.nextCursor;
  }
  return items;
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
