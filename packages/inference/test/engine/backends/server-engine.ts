/** An engine on a server on loopback that answers as a test says, and what the test asks it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Engine, loadEngine } from '../../../src/engine/engine.ts';
import { resolveModel } from '../../../src/models/index.ts';
import { buildTinyModel } from '../../../src/models/tiny/build-tiny-model.ts';
import { temporaryFolder } from '../../models/temporary-folder.ts';

export type Asked = { headers: IncomingHttpHeaders; path: string | undefined; body: Record<string, unknown> };
export type Reply = (response: ServerResponse) => void;

export const profile = { instruction: 'Be brief.', temperature: 0.5, topP: 0.9, maxTokens: 20 };
export const request = {
  messages: [{ role: 'user', content: 'Who?' }],
  profile,
  seed: 7,
  stop: ['\n'],
  adapter: null,
} as const;
export const control = { signal: new AbortController().signal, checkpoint: async () => {}, onText: () => {} };

export const event = (piece: object) => `data: ${JSON.stringify(piece)}\n\n`;
export const text = (content: string, rest: object = {}) => event({ choices: [{ delta: { content }, ...rest }] });
export const finish = (reason: string) => event({ choices: [{ delta: {}, finish_reason: reason }] });

/** An engine on a server that answers with `reply`, and what the server was asked. */
export async function engineOn(
  t: TestContext,
  reply: Reply,
): Promise<{ engine: Engine; asked: Asked[]; arrived: Promise<void>; stop(): void }> {
  const asked: Asked[] = [];
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
  const server = createServer(async (message, response) => {
    let body = '';
    for await (const piece of message) body += String(piece);
    asked.push({ headers: message.headers, path: message.url, body: JSON.parse(body) as Record<string, unknown> });
    arrive();
    reply(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = () => {
    server.close();
    server.closeAllConnections();
  };
  t.after(stop);
  const folder = await temporaryFolder(t);
  await buildTinyModel(join(folder, 'own'), { seed: 1 });
  const model = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1#large-model`;
  const { directory, info } = await resolveModel({
    model,
    helper: join(folder, 'own'),
    cacheDir: join(folder, 'cache'),
  });
  assert.deepEqual([info.backend, info.name], ['http', 'large-model']);
  const engine = await loadEngine(directory);
  t.after(() => engine.close());
  return { engine, asked, arrived, stop };
}
