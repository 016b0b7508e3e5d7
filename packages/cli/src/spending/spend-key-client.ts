/** The admin listener of the node that keeps the spend keys: that of `--home`, or the first one of a devnet. Owns that choice. */

import { join, resolve } from 'node:path';
import { SynodError } from '@synod/chain';
import type { AdminClient } from '@synod/rpc/client';
import { adminClientOf } from '../rpc/admin-file.ts';
import { dataDirectory } from '../settings/settings.ts';
import type { CommonOptions } from '../terminal/output.ts';

export type SpendKeyFlags = CommonOptions & { readonly home?: string; readonly dataDir?: string };

/** Throws `NODE_UNREACHABLE` where no such node runs. */
export function spendKeyClient({ home, dataDir }: SpendKeyFlags): AdminClient {
  const folder = home === undefined ? join(dataDirectory(dataDir, process.env), 'val-0') : resolve(home);
  const client = adminClientOf(folder);
  return {
    call: async (name, params) => {
      try {
        return await client.call(name, params);
      } catch (error) {
        if (!(error instanceof SynodError) || error.code !== 'RPC_UNREACHABLE') throw error;
        throw new SynodError('NODE_UNREACHABLE', `The node of ${folder} does not answer. Start it again.`, {
          facts: { home: folder },
          cause: error,
        });
      }
    },
  };
}
