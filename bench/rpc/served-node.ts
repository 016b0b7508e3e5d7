/**
 * The process that is measured: a real node of one validator with its RPC server, and beside it a bare fastify route that returns the
 * same bytes. Tells its parent both URLs, the bytes and its own memory.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createNode } from '@synod/node';
import { createRpcServer } from '@synod/rpc';
import { alice } from '../../packages/node/test/host/lab.ts';
import { singleValidator } from '../../packages/node/test/single-validator.ts';
import { silentLog as log, serveBareRoute } from '../../packages/rpc/test/fixture/bare-route.ts';

const home = mkdtempSync(join(tmpdir(), 'synod-bench-rpc-'));
const node = await createNode(singleValidator({ home, log, blockIntervalMs: 1_000 }));
const rate = { loopbackRequestsPerSecond: 1e9, loopbackRequestBurst: 1e9 };
const url = await createRpcServer({ api: node.api, port: 0, log, limits: rate }).listen();

const bodies: Readonly<Record<string, string>> = {
  node_status: '{"jsonrpc":"2.0","id":1,"method":"node_status"}',
  state_getAccount: `{"jsonrpc":"2.0","id":1,"method":"state_getAccount","params":{"address":"${alice}"}}`,
};
const bare: Record<string, string> = {};
for (const [method, body] of Object.entries(bodies)) {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  bare[method] = await response.text();
}
let same = '';
const bareUrl = await serveBareRoute(() => same);

process.on('message', ({ method }: { readonly method: string }) => {
  same = bare[method] ?? '';
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuMicros: user + system });
});
process.on('disconnect', () => {
  rmSync(home, { recursive: true, force: true });
  process.exit(0);
});
process.send?.({
  url,
  bareUrl,
  bodies,
  bytes: Object.fromEntries(Object.entries(bare).map(([name, text]) => [name, text.length])),
});
