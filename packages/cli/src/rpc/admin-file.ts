/**
 * How commands on the same machine find a node's admin listener: `admin.json` in its home, readable by its owner alone, there
 * while the node runs. Owns that file; what can be asked is the RPC package's.
 */
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { SynodError } from '@synod/chain';
import type { AdminApi, RpcLog } from '@synod/rpc';
import { type AdminClient, createAdminClient } from '@synod/rpc/client';
import { readJson, requireOwnerOnly, writeJsonAtomic } from '../files/write-file.ts';

type AdminFile = { readonly url: string; readonly token: string };

const fileOf = (home: string) => join(home, 'admin.json');

/** Serves until the returned function is called, which also removes `admin.json`. */
export async function serveAdmin(home: string, admin: AdminApi, log: RpcLog): Promise<() => Promise<void>> {
  const token = randomBytes(32).toString('hex');
  const { createAdminServer } = await import('@synod/rpc');
  const server = createAdminServer({ admin, token, port: 0, log });
  const url = await server.listen();
  writeJsonAtomic(fileOf(home), { url, token } satisfies AdminFile, 'secret');
  return async () => {
    rmSync(fileOf(home), { force: true });
    await server.close();
  };
}

/** A client of the node that runs in this home. Throws `NODE_UNREACHABLE` where none does, `FILE_DAMAGED`, `KEY_FILE_OPEN`. */
export function adminClientOf(home: string): AdminClient {
  const file = fileOf(home);
  const found = readJson(file, 'Start the node again, which writes it anew.') as Partial<AdminFile> | null;
  if (found === null) {
    const message = `No node runs in ${home}. Start it:  synod start --home ${home}`;
    throw new SynodError('NODE_UNREACHABLE', message, { facts: { home } });
  }
  requireOwnerOnly(file);
  if (typeof found.url === 'string' && typeof found.token === 'string') {
    return createAdminClient({ url: found.url, token: found.token });
  }
  throw new SynodError('FILE_DAMAGED', `${file} names no url and token. Start the node again, which writes it anew.`, {
    facts: { file },
  });
}
