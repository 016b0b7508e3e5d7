/**
 * A network of real processes that is no devnet: homes as a devnet writes them, a genesis that says `devnet: false`, and nodes of
 * `./synod start`, the first of which pays for holders of spend keys from alice's account. Owns only the processes it started.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { layoutOf } from '../../packages/cli/src/devnet/layout.ts';
import { parseDevnetOptions } from '../../packages/cli/src/devnet/options.ts';
import { prepareDevnet } from '../../packages/cli/src/devnet/prepare.ts';
import { freePortBase, root, runSynod, synod } from './devnet-process.ts';

const READY_MS = 120_000;

type Status = { readonly head: { readonly height: string }; readonly worker: { readonly state: string } };

export class PlainNetwork {
  readonly directory: string;
  readonly #nodes: readonly ChildProcess[];
  readonly #urls: readonly string[];

  constructor(directory: string, nodes: readonly ChildProcess[], urls: readonly string[]) {
    this.directory = directory;
    this.#nodes = nodes;
    this.#urls = urls;
  }

  /** Resolves when it decides blocks and every node's worker has its model. */
  static async start(): Promise<PlainNetwork> {
    const directory = mkdtempSync(join(tmpdir(), 'synod-plain-'));
    const flags = { dataDir: directory, portBase: String(await freePortBase()), model: 'tiny' };
    const prepared = await prepareDevnet({
      options: parseDevnetOptions(flags, process.env),
      layout: layoutOf(directory),
      environment: process.env,
      report: () => undefined,
      signal: new AbortController().signal,
    });
    const payer = join(directory, 'payer.json');
    const alice = prepared.keys.accounts.find(({ name }) => name === 'alice')!;
    writeFileSync(payer, JSON.stringify({ privateKey: `0x${Buffer.from(alice.seed).toString('hex')}` }), {
      mode: 0o600,
    });
    for (const { place } of prepared.nodes) {
      const genesis = join(place.home, 'genesis.json');
      const document = JSON.parse(readFileSync(genesis, 'utf8')) as Record<string, unknown>;
      writeFileSync(genesis, JSON.stringify({ ...document, devnet: false }));
    }
    const nodes = prepared.nodes.map(({ place }, index) =>
      spawn(synod, ['start', '--home', place.home, ...(index === 0 ? ['--pay-from', payer] : [])], {
        cwd: root,
        env: { ...process.env, NO_COLOR: '1' },
        stdio: 'ignore',
      }),
    );
    const urls = prepared.nodes.map(({ place }) => `http://127.0.0.1:${place.rpcPort}`);
    const network = new PlainNetwork(directory, nodes, urls);
    try {
      await network.#untilReady();
    } catch (error) {
      await network.remove();
      throw error;
    }
    return network;
  }

  /** Of the node that pays. */
  get url(): string {
    return this.#urls[0]!;
  }

  get home(): string {
    return join(this.directory, 'val-0');
  }

  async rpc<T>(method: string, params: unknown = {}, index = 0): Promise<T> {
    const response = await fetch(this.#urls[index]!, {
      method: 'POST',
      headers: { 'content-type': 'application/json', connection: 'close' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    });
    const body = (await response.json()) as { result?: T; error?: { message: string } };
    if (body.error !== undefined) throw new Error(`${method}: ${body.error.message}`);
    return body.result as T;
  }

  /** `synod spend-key …` at the node that pays. Fails where the command does. */
  async spendKey(...args: readonly string[]): Promise<Record<string, unknown>> {
    const { code, stdout, stderr } = await runSynod(['spend-key', ...args, '--home', this.home, '--json']);
    if (code !== 0) throw new Error(stderr);
    return JSON.parse(stdout) as Record<string, unknown>;
  }

  /** Ends every node and removes the folder. */
  async remove(): Promise<void> {
    const ends = this.#nodes
      .filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)
      .map((node) => new Promise<void>((done) => node.once('exit', () => done())));
    for (const node of this.#nodes) node.kill('SIGTERM');
    await Promise.all(ends);
    rmSync(this.directory, { recursive: true, force: true });
  }

  async #untilReady(): Promise<void> {
    const endMs = performance.now() + READY_MS;
    const isReady = async (index: number): Promise<boolean> => {
      const { head, worker } = await this.rpc<Status>('node_status', {}, index);
      return Number(head.height) >= 2 && worker.state === 'ready';
    };
    for (;;) {
      const ready = await Promise.all(this.#urls.map((_, index) => isReady(index).catch(() => false)));
      if (ready.every(Boolean)) return;
      if (performance.now() > endMs) throw new Error(`not ready within ${READY_MS} ms`);
      await new Promise((resume) => setTimeout(resume, 100));
    }
  }
}
