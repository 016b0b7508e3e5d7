/** A validator of a chain of its own, as a home on disk and as a real process. Owns the folder and the process's end. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Address, type Genesis, genesisToJson } from '@synod/chain';
import { consensusSeed, Lab, operatorOf, vrfSeed } from '../../../node/test/host/lab.ts';
import { MAIN_FILE } from '../../src/devnet/node-process.ts';
import { writeJsonAtomic } from '../../src/files/write-file.ts';
import { writeNodeHome } from '../../src/node-home.ts';

export type TestHome = { readonly home: string; readonly genesis: Genesis; readonly operator: Address };

export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'synod-operating-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Home of the one validator of a fresh chain with blocks every 100 ms. */
export function validatorHome(t: TestContext, home: string = join(temporaryFolder(t), 'home')): TestHome {
  const lab = new Lab({ validators: 1, blockIntervalMs: 100 });
  t.after(() => rmSync(lab.folder, { recursive: true, force: true }));
  const genesis = { ...lab.genesis, time: Date.now() - 1_000 };
  const operator = operatorOf(0);
  writeJsonAtomic(join(home, 'genesis.json'), genesisToJson(genesis));
  const node = {
    formatVersion: 1 as const,
    name: 'one',
    rpc: { host: '127.0.0.1', port: 0 },
    p2p: { listen: '/ip4/127.0.0.1/tcp/0', bootstrap: [] },
    modelDirectory: null,
  };
  writeNodeHome(home, node, {
    operator,
    consensusSeed: consensusSeed(0),
    vrfSeed: vrfSeed(0),
    rotated: [],
    networkSeed: new Uint8Array(32).fill(7),
    experts: [],
    devAccounts: [],
  });
  return { home, genesis, operator };
}

export type StartedNode = {
  readonly process: ChildProcess;
  /** All that it wrote so far. */
  said(): string;
  /** Resolves once it has written this. Rejects when it ends before. */
  saying(pattern: RegExp): Promise<RegExpExecArray>;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
};

/** `synod start` on the home; killed with the test at the latest. */
export function startNode(t: TestContext, home: string, args: readonly string[] = [], env: object = {}): StartedNode {
  // The node itself, not a launcher: whoever is killed here is the one that runs.
  const child = spawn(process.execPath, [MAIN_FILE, 'start', '--home', home, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let text = '';
  const looks = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      text += chunk;
      for (const look of looks) look();
    });
  }
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal }));
  t.after(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const saying: StartedNode['saying'] = (pattern) => {
    const { promise, resolve, reject } = Promise.withResolvers<RegExpExecArray>();
    const look = () => {
      const match = pattern.exec(text);
      if (match !== null) resolve(match);
    };
    looks.add(look);
    look();
    void ended.then(() => reject(new Error(`it ended before it said ${pattern}:\n${text}`)));
    return promise.finally(() => looks.delete(look));
  };
  return { process: child, said: () => text, saying, ended };
}
