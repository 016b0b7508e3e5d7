/** The web page over HTTP: types, encodings, caching, security headers, and what is told where there is no build. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { createRpcServer, type RpcServer } from '../../src/index.ts';
import { createMemoryNode } from '../fixture/memory-node.ts';

const log = { info: () => undefined, warn: () => undefined, error: () => undefined, debug: () => undefined };
const SCRIPT = 'console.log("synod");'.repeat(20);

let server: RpcServer;
let url: string;
let home: string;
let dist: string;

before(async () => {
  home = mkdtempSync(join(tmpdir(), 'synod-ui-'));
  dist = join(home, 'dist');
  writeBuild('<!doctype html><title>one</title>');
  writeFileSync(join(home, 'secret.json'), '{"key":1}');
  server = createRpcServer({ api: createMemoryNode().api, port: 0, log, uiDirectory: dist });
  url = await server.listen();
});

after(async () => {
  await server.close();
  rmSync(home, { recursive: true, force: true });
});

function writeBuild(html: string): void {
  mkdirSync(join(dist, 'assets'), { recursive: true });
  writeFileSync(join(dist, 'index.html'), html);
  writeFileSync(join(dist, 'assets', 'main-abc123.js'), SCRIPT);
  writeFileSync(join(dist, 'assets', 'main-abc123.js.gz'), gzipSync(SCRIPT));
  writeFileSync(join(dist, '.stamp'), 'private');
}

type Answer = { readonly status: number; readonly headers: Record<string, string>; readonly body: Buffer };

/** Without fetch: it would decode bodies and follow redirects. */
function get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const sent = request({ hostname, port, path, method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers as Record<string, string>,
          body: Buffer.concat(chunks),
        }),
      );
    });
    sent.on('error', reject);
    sent.end();
  });
}

test('a browser at / is sent to the page; a program is told what is served', async () => {
  const browser = await get('/', { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' });
  assert.deepEqual([browser.status, browser.headers['location']], [302, '/ui/']);
  assert.deepEqual([(await get('/ui')).status, (await get('/ui')).headers['location']], [302, '/ui/']);
  const program = await get('/', { accept: '*/*' });
  assert.equal(program.status, 404);
  assert.match(program.body.toString(), /JSON-RPC is POST/);
});

test('every answer of the page carries the policy', async () => {
  for (const path of ['/ui/', '/ui/assets/main-abc123.js', '/ui', '/ui/nothing']) {
    const { headers } = await get(path);
    const policy = headers['content-security-policy'] ?? '';
    assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self';/, path);
    assert.doesNotMatch(policy, /unsafe|\*|http/, path);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['referrer-policy'], 'no-referrer');
    assert.equal(headers['cross-origin-opener-policy'], 'same-origin');
  }
});

test('hashed files are kept for ever, index.html is asked for again', async () => {
  const page = await get('/ui/');
  assert.deepEqual([page.status, page.headers['content-type']], [200, 'text/html; charset=utf-8']);
  assert.equal(page.headers['cache-control'], 'no-cache');
  const script = await get('/ui/assets/main-abc123.js');
  assert.equal(script.headers['content-type'], 'text/javascript; charset=utf-8');
  assert.match(script.headers['cache-control'] ?? '', /immutable/);
  const again = await get('/ui/', { 'if-none-match': page.headers['etag'] ?? '' });
  assert.deepEqual([again.status, again.body.length], [304, 0]);
  const head = await get('/ui/', {}, 'HEAD');
  assert.deepEqual([head.status, head.body.length], [200, 0]);
});

test('precompressed forms go to those who take them', async () => {
  const path = '/ui/assets/main-abc123.js';
  const packed = await get(path, { 'accept-encoding': 'br;q=0, gzip' });
  assert.equal(packed.headers['content-encoding'], 'gzip');
  assert.equal(gunzipSync(packed.body).toString(), SCRIPT);
  for (const encoding of ['', 'identity', 'gzip;q=0', 'br']) {
    const plain = await get(path, encoding === '' ? {} : { 'accept-encoding': encoding });
    assert.equal(plain.headers['content-encoding'], undefined, encoding);
    assert.equal(plain.body.toString(), SCRIPT);
    assert.equal(plain.headers['vary'], 'accept-encoding');
  }
});

test('nothing but the build is served', async () => {
  const paths = ['/ui/../secret.json', '/ui/%2e%2e/secret.json', '/ui/..%2fsecret.json', '/ui/.stamp', '/ui/assets/', '/ui/%00'];
  for (const path of paths) {
    const { status, body } = await get(path);
    assert.ok(status === 404 || status === 400, `${path}: ${status}`);
    assert.doesNotMatch(body.toString(), /"key"|private/);
  }
  assert.equal((await get('/ui/', { host: 'evil.example' })).status, 403);
});

test('a new build is served without a restart; without one, /ui says how to make it', async () => {
  writeBuild('<!doctype html><title>two</title>');
  utimesSync(join(dist, 'index.html'), new Date(), new Date(Date.now() + 5_000));
  assert.match((await get('/ui/')).body.toString(), /two/);
  renameSync(dist, `${dist}.away`);
  const missing = await get('/ui/');
  assert.equal(missing.status, 503);
  assert.match(missing.body.toString(), /node bootstrap\.mjs page/);
  assert.equal(missing.headers['cache-control'], 'no-store');
  assert.ok(missing.headers['content-security-policy']);
  renameSync(`${dist}.away`, dist);
  assert.equal((await get('/ui/')).status, 200);
});
