/**
 * `synod query cancel`: ends a query of a devnet account early. Owns what is said; the node signs, the chain settles.
 */
import { createNodeClient } from '../rpc/node-client.ts';
import { rpcUrl } from '../settings/settings.ts';
import { SYNOD } from '../terminal/command-name.ts';
import { type CommonOptions, print, printJson } from '../terminal/output.ts';

export type QueryCancelFlags = CommonOptions & { readonly rpc?: string };

export async function runQueryCancel(queryId: string, flags: QueryCancelFlags): Promise<void> {
  const result = await createNodeClient(rpcUrl(flags, process.env)).call('query_cancel', { queryId });
  if (flags.json) return printJson(result);
  print(`cancelled ${result.queryId}`);
  print('What is delivered within the next blocks is scored and paid; the rest returns to the requester.');
  print(`Look:  ${SYNOD} query show ${result.queryId}`);
}
