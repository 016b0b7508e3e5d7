/** Every public method of a real node's service with hostile parameters, and with ids and addresses of its own chain: never -32603. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressOf, publicKeyOf } from '@synod/chain';
import fc from 'fast-check';
import { alice, aliceSeed, expertSeed, openQuery, operatorOf } from '../../node/test/host/lab.ts';
import { defaultLimits } from '../../rpc/src/limits.ts';
import type { RpcContext } from '../../rpc/src/methods/method.ts';
import { allMethods } from '../../rpc/src/methods/registry.ts';
import { createDispatcher } from '../../rpc/src/server/dispatcher.ts';
import { createQueryOpener } from '../../rpc/src/server/query-opener.ts';
import { readGolden } from '../../rpc/test/fixture/golden.ts';
import { hostileParams } from '../../rpc/test/fixture/hostile-params.ts';
import { serveLab } from './lab-server.ts';

const RUNS = 60;
const PREPARE_MS = 120_000;

const worker = {
  answer: (_job: unknown, node: number) => `answer ${node}`,
  score: ({ answers }: { answers: readonly string[] }) => answers.map(() => 800_000),
};

test('a real node answers whatever it is asked', async (t) => {
  const { lab, api, run } = await serveLab(t, { worker });
  lab.runUntil(() => lab.heightEverywhere() >= 2, PREPARE_MS);
  lab.submit(aliceSeed, { type: 'transfer', to: operatorOf(1), amount: 5n });
  const settled = openQuery(lab);
  run(() => api.query(settled, null)?.status === 'final');
  const open = openQuery(lab);
  const height = lab.nodes[0]!.head.height;
  run(() => lab.nodes[0]!.head.height > height + 2);
  // What is submitted waits in the mempool: the network stands still from here on.
  Object.assign(api, { drive: () => undefined });

  const bugs: unknown[] = [];
  const silent = () => undefined;
  const log = { debug: silent, info: silent, warn: silent, error: (facts: object) => void bugs.push(facts) };
  const dispatcher = createDispatcher<RpcContext>({ methods: allMethods, limits: defaultLimits, log });
  const queries = createQueryOpener(api, silent);
  const context: RpcContext = {
    api,
    limits: defaultLimits,
    queries,
    openRpc: () => ({ openrpc: '1.3.2' }),
    methodNames: () => [],
    connection: null,
  };
  const golden = Map.groupBy(readGolden(), ({ method }) => method.name);
  const ours = translate([alice, operatorOf(0), addressOf(publicKeyOf(expertSeed(0)))], [settled, open]);
  let succeeded = 0;
  for (const method of allMethods) {
    const params = hostileParams(
      method,
      (golden.get(method.name) ?? []).map(({ request }) => request.params),
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(params, params.map(ours)), async (text) => {
        const body = `{"jsonrpc":"2.0","id":1,"method":"${method.name}","params":${text.replaceAll(/"timeoutMs":[^,}]*/g, '"timeoutMs":0')}}`;
        const { result, error } = JSON.parse((await dispatcher.answerBytes(new TextEncoder().encode(body), context))!);
        assert.deepEqual(bugs, [], body.slice(0, 2_000));
        assert.notEqual(error?.code, -32603, body.slice(0, 2_000));
        if (result !== undefined) method.result.parse(result);
        succeeded += result === undefined ? 0 : 1;
      }),
      { numRuns: RUNS },
    );
  }
  assert.ok(succeeded > allMethods.length * 5, String(succeeded));
});

/** Puts this chain's addresses and ids in the places of others. */
function translate(addresses: readonly string[], ids: readonly string[]): (text: string) => string {
  let turn = 0;
  const next = (list: readonly string[]): string => list[turn++ % list.length] ?? '';
  return (text) =>
    text
      .replaceAll(/syn1[0-9a-z]{38}/g, () => next(addresses))
      .replaceAll(/0x[0-9a-f]{64}(?![0-9a-f])/g, () => `0x${next(ids)}`);
}
