/** Methods that devnets alone have (`dev_*`). */
import { callRpc } from './client.ts';

type AnyCall = (name: string, params: object) => Promise<unknown>;

export async function devAccounts(): Promise<readonly { readonly name: string; readonly address: string }[]> {
  const { items } = (await (callRpc as AnyCall)('dev_accounts', {})) as { items: { name: string; address: string }[] };
  return items;
}
