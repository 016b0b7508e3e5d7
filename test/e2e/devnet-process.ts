/**
 * A devnet of real processes for tests and benchmarks: starts `./synod devnet`, waits for its ready line, talks JSON-RPC to
 * it and stops it. Owns only the processes it started.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(fileURLToPath(import.meta.url), '../../..');
export const synod = join(root, 'synod');

export type DevnetInfo = {
  readonly chainId: string;
  readonly genesisHash: string;
  readonly endpoints: readonly string[];
  readonly accounts: readonly { readonly name: string; readonly address: string; readonly privateKey: string }[];
  readonly nodes: readonly {
    readonly name: string;
    readonly pid: number;
    readonly rpc: string;
    readonly log: string;
  }[];
};

export type DevnetOptions = {
  readonly dataDir?: string;
  readonly portBase?: number;
  readonly model?: string;
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
};

export type Finished = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** Runs `./synod` to its end. */
export function runSynod(
  args: readonly string[],
  options: { env?: Record<string, string>; input?: string } = {},
): Promise<Finished> {
  return new Promise((done) => {
    const child = execFile(
      synod,
      args,
      { env: { ...process.env, NO_COLOR: '1', ...options.env }, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : null;
        done({ code, stdout, stderr });
      },
    );
    child.stdin?.end(options.input ?? '');
  });
}

export class Devnet {
  readonly dataDir: string;
  readonly info: DevnetInfo;
  readonly readyMs: number;
  readonly #process: ChildProcess;
  #stderr: () => string;

  constructor(options: {
    dataDir: string;
    info: DevnetInfo;
    readyMs: number;
    process: ChildProcess;
    stderr: () => string;
  }) {
    this.dataDir = options.dataDir;
    this.info = options.info;
    this.readyMs = options.readyMs;
    this.#process = options.process;
    this.#stderr = options.stderr;
  }

  get stderr(): string {
    return this.#stderr();
  }

  /** Resolves when the chain is ready; rejects with what it printed when it is not. */
  static async start(options: DevnetOptions = {}): Promise<Devnet> {
    const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'synod-e2e-'));
    const portBase = options.portBase ?? (await freePortBase());
    const args = [
      'devnet',
      '--json',
      '--data-dir',
      dataDir,
      '--port-base',
      String(portBase),
      '--model',
      options.model ?? 'tiny',
    ];
    const startedMs = performance.now();
    const child = spawn(synod, [...args, ...(options.flags ?? [])], {
      env: { ...process.env, NO_COLOR: '1', ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    const info = await new Promise<DevnetInfo>((ready, fail) => {
      child.on('exit', (code) => fail(new Error(`devnet ended with ${code}: ${stdout}${stderr}`)));
      child.stdout.on('data', (chunk) => {
        stdout += chunk;
        if (stdout.includes('\n')) ready(JSON.parse(stdout) as DevnetInfo);
      });
    });
    return new Devnet({ dataDir, info, readyMs: performance.now() - startedMs, process: child, stderr: () => stderr });
  }

  /** Base URL of node `index`. */
  url(index = 0): string {
    return this.info.nodes[index]!.rpc;
  }

  async rpc<T = Record<string, unknown>>(method: string, params: unknown = {}, index = 0): Promise<T> {
    const response = await fetch(this.url(index), {
      method: 'POST',
      // A connection of its own: one that is kept ends with the node that is killed or put back.
      headers: { 'content-type': 'application/json', connection: 'close' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    });
    const body = (await response.json()) as { result?: T; error?: { message: string; data?: unknown } };
    if (body.error !== undefined)
      throw new Error(`${method}: ${body.error.message} ${JSON.stringify(body.error.data)}`);
    return body.result as T;
  }

  async height(index = 0): Promise<number> {
    return Number((await this.rpc<{ height: string }>('chain_getHead', {}, index)).height);
  }

  /** Polls until the condition holds; throws after the time is up, naming what was waited for. */
  async until(what: string, withinMs: number, isDone: () => Promise<boolean>): Promise<void> {
    const endMs = performance.now() + withinMs;
    for (;;) {
      if (await isDone().catch(() => false)) return;
      if (performance.now() > endMs) throw new Error(`not within ${withinMs} ms: ${what}`);
      await new Promise((resume) => setTimeout(resume, 50));
    }
  }

  /** Ctrl-C; resolves with the exit code. */
  async stop(): Promise<number | null> {
    if (this.#process.exitCode !== null) return this.#process.exitCode;
    const ended = new Promise<number | null>((done) => this.#process.on('exit', done));
    this.#process.kill('SIGINT');
    return ended;
  }

  /** Stops and removes the data folder. */
  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}

/** A port base whose following tens are free for RPC and p2p of five nodes, below the ports that connections take by themselves. */
export async function freePortBase(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const base = 20_000 + 100 * Math.floor(Math.random() * 120);
    const ports = [0, 10, 20, 30, 40].flatMap((offset) => [base + offset, base + offset + 1]);
    const free = await Promise.all(ports.map(isFree));
    if (free.every(Boolean)) return base;
  }
  throw new Error('no free range of ports');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((answer) => {
    const server = createServer();
    server.once('error', () => answer(false));
    server.listen(port, '127.0.0.1', () => server.close(() => answer(true)));
  });
}
