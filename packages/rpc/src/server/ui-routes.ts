/**
 * The web page at /ui: the files of one build, with their precompressed forms, types and security headers (spec: rpc §9). Owns HTTP
 * of the page; what it shows is packages/web. A build that changes on disk is taken up at the next visit.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

const limits = { filesMax: 256, bytesMax: 16_777_216 } as const;

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "font-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
};

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.json': 'application/json; charset=utf-8',
};

const encodings = [
  { name: 'br', suffix: '.br' },
  { name: 'gzip', suffix: '.gz' },
] as const;

type UiFile = {
  readonly type: string;
  readonly bytes: Buffer;
  readonly compressed: ReadonlyMap<string, Buffer>;
  readonly etag: string;
  /** Its name holds the hash of its content. */
  readonly isHashed: boolean;
};

type UiBuild = { readonly changedAtMs: number; readonly files: ReadonlyMap<string, UiFile> };

/** Adds `/ui` and sends browsers there from `/`. `directory` holds the build; where it holds none, /ui says how to make one. */
export function addUiRoutes(app: FastifyInstance, directory: string): void {
  const build = createBuildReader(directory);
  app.get('/', async (request, reply) => {
    if (wantsHtml(request)) return reply.headers(securityHeaders).redirect('/ui/');
    reply.callNotFound();
    return reply;
  });
  app.get('/ui', async (_request, reply) => reply.headers(securityHeaders).redirect('/ui/'));
  app.get<{ Params: { '*': string } }>('/ui/*', async (request, reply) => {
    const files = (await build())?.files;
    reply.headers(securityHeaders);
    if (files === undefined) return sendMissingBuild(reply);
    const path = request.params['*'] === '' ? 'index.html' : request.params['*'];
    const file = files.get(path);
    if (file !== undefined) return sendFile(request, reply, file);
    reply.callNotFound();
    return reply;
  });
}

function wantsHtml(request: FastifyRequest): boolean {
  return (request.headers.accept ?? '').includes('text/html');
}

function sendFile(request: FastifyRequest, reply: FastifyReply, file: UiFile): FastifyReply {
  const accepted = request.headers['accept-encoding'] ?? '';
  const encoding = encodings.find(({ name }) => accepts(String(accepted), name) && file.compressed.has(name));
  const etag = `"${file.etag}${encoding === undefined ? '' : `-${encoding.name}`}"`;
  reply
    .type(file.type)
    .header('vary', 'accept-encoding')
    .header('etag', etag)
    .header('cache-control', file.isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
  if (request.headers['if-none-match'] === etag) return reply.code(304).send();
  if (encoding === undefined) return reply.send(file.bytes);
  return reply.header('content-encoding', encoding.name).send(file.compressed.get(encoding.name));
}

/** Whether an Accept-Encoding header names the encoding and does not refuse it with q=0. */
function accepts(header: string, name: string): boolean {
  return header.split(',').some((part) => {
    const [token = '', ...parameters] = part.trim().toLowerCase().split(';');
    return token === name && !parameters.some((parameter) => /^\s*q=0(\.0*)?\s*$/.test(parameter));
  });
}

function sendMissingBuild(reply: FastifyReply): FastifyReply {
  const page = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Synod: the page is not built</title></head>
<body><h1>The page is not built on this machine</h1>
<p>The node works: JSON-RPC, WebSocket, /v1 and /metrics are served here. Only the files of the web page are missing.</p>
<p>Build them in the folder of Synod, then load this page again (the node may keep running):</p>
<pre>node bootstrap.mjs page</pre></body></html>
`;
  return reply.code(503).type('text/html; charset=utf-8').header('cache-control', 'no-store').send(page);
}

/** Reads the whole build once, and again when its index.html has changed. Null where there is none. */
function createBuildReader(directory: string): () => Promise<UiBuild | null> {
  let current: Promise<UiBuild | null> = Promise.resolve(null);
  return async () => {
    const changedAtMs = await modifiedAtMs(join(directory, 'index.html'));
    if (changedAtMs === null) return null;
    const known = await current;
    if (known?.changedAtMs === changedAtMs) return known;
    current = readBuild(directory, changedAtMs);
    return current;
  };
}

async function modifiedAtMs(file: string): Promise<number | null> {
  try {
    return (await stat(file)).mtimeMs;
  } catch {
    return null; // No build, or one that is being replaced.
  }
}

/** Null where the build is being replaced while it is read, or is too large to be one. */
async function readBuild(directory: string, changedAtMs: number): Promise<UiBuild | null> {
  try {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    if (paths.length > limits.filesMax) return null;
    const contents = new Map<string, Buffer>();
    let bytes = 0;
    for (const path of paths) {
      const content = await readFile(path);
      bytes += content.length;
      if (bytes > limits.bytesMax) return null;
      contents.set(relative(directory, path).split(sep).join('/'), content);
    }
    return { changedAtMs, files: filesOf(contents) };
  } catch {
    return null;
  }
}

function filesOf(contents: ReadonlyMap<string, Buffer>): ReadonlyMap<string, UiFile> {
  const files = new Map<string, UiFile>();
  for (const [path, bytes] of contents) {
    const type = types[extname(path)];
    if (type === undefined) continue;
    const compressed = encodings.flatMap(({ name, suffix }) => {
      const content = contents.get(path + suffix);
      return content === undefined ? [] : [[name, content] as const];
    });
    const etag = createHash('sha256').update(bytes).digest('base64url').slice(0, 16);
    files.set(path, { type, bytes, compressed: new Map(compressed), etag, isHashed: path.startsWith('assets/') });
  }
  return files;
}
