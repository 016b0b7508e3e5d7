/** Every method with parameters as nobody should send them: always a JSON-RPC response, never -32603, and an error that helps. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { adminMethods } from '../../src/admin/admin-methods.ts';
import type { AdminContext } from '../../src/admin/define-method.ts';
import { defaultLimits, openRpcDocument } from '../../src/index.ts';
import type { AnyRpcMethod, RpcContext, SubscriptionHost } from '../../src/methods/method.ts';
import { allMethods } from '../../src/methods/registry.ts';
import { createDispatcher, type Dispatcher } from '../../src/server/dispatcher.ts';
import { createQueryOpener } from '../../src/server/query-opener.ts';
import { everyMethod, nodeFor, readGolden } from '../fixture/golden.ts';
import { hostileParams } from '../fixture/hostile-params.ts';
import { createMemoryAdmin } from '../fixture/memory-admin.ts';

const RUNS = 250;

const golden = Map.groupBy(readGolden(), ({ method }) => method.name);
const document = openRpcDocument({ version: '0.1.0' });

type Bugs = { readonly message: string; readonly facts: object }[];

/** The method on a fresh node, without any transport: what a body is answered with, and what the log called a bug. */
function subject(method: AnyRpcMethod): {
  readonly answer: (body: string) => Promise<string | null>;
  readonly bugs: Bugs;
} {
  const bugs: Bugs = [];
  const silent = () => undefined;
  const log = {
    debug: silent,
    info: silent,
    warn: silent,
    error: (facts: object, message: string) => void bugs.push({ facts, message }),
  };
  const answerOf =
    <Context>(dispatcher: Dispatcher<Context>, context: Context) =>
    async (body: string) =>
      dispatcher.answerBytes(new TextEncoder().encode(body), context);
  if (adminMethods.includes(method)) {
    const dispatcher = createDispatcher<AdminContext>({ methods: adminMethods, limits: defaultLimits, log });
    return { answer: answerOf(dispatcher, { admin: createMemoryAdmin() }), bugs };
  }
  const dispatcher = createDispatcher<RpcContext>({ methods: allMethods, limits: defaultLimits, log });
  const { api } = nodeFor(method);
  const context: RpcContext = {
    api,
    limits: defaultLimits,
    queries: createQueryOpener(api, silent),
    openRpc: () => document,
    methodNames: () => [],
    connection,
  };
  return { answer: answerOf(dispatcher, context), bugs };
}

const connection: SubscriptionHost = {
  subscribe: () => ({ subscription: 's1', instance: 'one', oldestCursor: 0, newestCursor: 0 }),
  unsubscribe: () => false,
};

for (const method of everyMethod) {
  test(`${method.name} survives hostile parameters`, async () => {
    const { answer, bugs } = subject(method);
    const own = golden.get(method.name) ?? [];
    for (const request of own.flatMap(({ before }) => before)) await answer(JSON.stringify(request));
    const params = hostileParams(
      method,
      own.map(({ request }) => request.params),
    );
    let succeeded = 0;
    await fc.assert(
      fc.asyncProperty(params, async (text) => {
        const answered = await answer(`{"jsonrpc":"2.0","id":"f","method":"${method.name}","params":${text}}`);
        assert.ok(answered !== null);
        if (isHelpful(JSON.parse(answered))) succeeded++;
        assert.deepEqual(bugs, []);
      }),
      { numRuns: RUNS },
    );
    // Right parameters are among them: the handler is reached.
    assert.ok(succeeded > 0, 'no parameters were taken');
  });
}

/** True for a result; throws for what is no response, or an error that does not help. */
function isHelpful(response: {
  readonly jsonrpc: unknown;
  readonly id: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string; readonly data: Record<string, unknown> };
}): boolean {
  assert.equal(response.jsonrpc, '2.0');
  const { error } = response;
  assert.equal(Object.hasOwn(response, 'result'), error === undefined);
  if (error === undefined) return true;
  assert.notEqual(error.code, -32603, error.message);
  assert.ok(Number.isInteger(error.code));
  assert.match(String(error.data['name']), /^[A-Z_]+$/);
  assert.ok(error.message.length >= 15 && error.message.length < 2_000, error.message);
  assert.ok(typeof error.data['hint'] === 'string' || error.data['hint'] === null);
  assert.equal(response.id, error.code === -32600 ? response.id : 'f');
  return false;
}
