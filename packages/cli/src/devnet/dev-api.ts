/**
 * The `dev_` methods as a devnet's node does them: what it can do alone it does, everything else its supervisor, whom it asks over the
 * control listener that commands ask too. Owns that joining.
 */
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { addressOf, publicKeyOf, SynodError, toHex } from '@synod/chain';
import type { RunningNode } from '@synod/node';
import type { DevApi } from '@synod/rpc';
import type { NodeHome } from '../node-home.ts';
import { requestControl } from './control.ts';
import type { ControlRequests } from './control-requests.ts';
import { FAUCET } from './keys.ts';
import { layoutOf } from './layout.ts';
import { requireName } from './snapshots.ts';

/** Long enough for a few blocks. */
const FAUCET_WAIT_MS = 10_000;

/** For the node of that home, which lies in its devnet's folder. */
export function devApiOf(directory: string, home: NodeHome, { api, pace }: RunningNode): DevApi {
  const layout = layoutOf(dirname(directory));
  const via = basename(directory);
  const ask = <Name extends keyof ControlRequests>(name: Name, params: ControlRequests[Name]['params']) => {
    requireSupervisor(layout.control);
    return requestControl(layout.control, name, { ...params, via });
  };
  const dumpOf = (name: string) => {
    requireName(name);
    return { name, file: join(layout.dumps, name) };
  };
  return {
    accounts: () =>
      home.keys.devAccounts.map(({ name, seed }) => {
        return { name, address: addressOf(publicKeyOf(seed)), privateKey: `0x${toHex(seed)}` };
      }),
    faucet: (transfer) => {
      // By hand no block would come while it waits for one.
      const waitFor = pace.get().mode === 'manual' ? 'mempool' : 'block';
      return api.devTransfer({ from: FAUCET, ...transfer }, { waitFor, timeoutMs: FAUCET_WAIT_MS });
    },
    status: () => ask('status', {}),
    mine: (blocks) => ask('mine', { blocks }),
    setBlockTime: async (wanted) => void (await ask('blockTime', wanted)),
    advanceEpoch: () => ask('advanceEpoch', {}),
    advanceTime: (ms) => ask('advanceTime', { ms }),
    setFault: async (request) => (await ask('fault', request)).experts as Awaited<ReturnType<DevApi['setFault']>>,
    setLatency: async (request) => (await ask('latency', request)).nodes,
    pauseNode: async (node) => (await ask('pause', { node })).state,
    resumeNode: async (node) => (await ask('resume', { node })).state,
    killNode: async (node) => (await ask('kill', { node })).state,
    startNode: async (node) => {
      await ask('start', { node });
      return 'running';
    },
    partition: async (groups) => (await ask('partition', { groups })).groups,
    heal: async () => void (await ask('heal', {})),
    snapshot: (name) => ask('snapshot', { name }),
    restore: (name) => ask('restore', { name }),
    snapshots: async () => (await ask('snapshots', {})).items,
    dumpState: (name) => ask('dump', dumpOf(name)),
    loadState: (name) => ask('load', dumpOf(name)),
    setParam: ({ name, value }) => ask('param', { name, value: value.toString() }),
  };
}

function requireSupervisor(control: string): void {
  if (existsSync(control)) return;
  throw new SynodError(
    'NO_SUPERVISOR',
    'Nobody watches over this node: it was started by itself, or its devnet is not ready. Start the devnet:  synod devnet',
  );
}
