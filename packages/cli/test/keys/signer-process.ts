/** Signers and nodes as real processes on loopback, for tests of both. Owns their homes, their start and their end; what is tested is the tests'. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { type Genesis, genesisHash, genesisToJson } from '@synod/chain';
import { beginSignState } from '@synod/node/signing';
import { systemFiles } from '../../../node/src/adapters/durable-files.ts';
import { openRemoteSigner } from '../../../node/src/adapters/remote-signer.ts';
import { consensusSeed, operatorOf, vrfSeed } from '../../../node/test/host/lab.ts';
import { readCertificate, readToken } from '../../src/keys/remote-signer.ts';
import { readNodeHome, writeNodeHome } from '../../src/node-home.ts';
import { root } from '../command.ts';

/** Removed after the tests of the file, as the processes are ended. */
export const folder: string = mkdtempSync(join(tmpdir(), 'synod-signer-'));
const started: ChildProcess[] = [];
after(() => {
  for (const child of started) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** A node's home with a validator's keys, and the signer's that they are moved to. */
export function homesOf(genesis: Genesis, name: string, index = 0): { readonly node: string; readonly signer: string } {
  const node = join(folder, `${name}-node`);
  const p2p = { listen: '/ip4/127.0.0.1/tcp/0', bootstrap: [] };
  writeNodeHome(
    node,
    { formatVersion: 1, name, rpc: { host: '127.0.0.1', port: 0 }, p2p, modelDirectory: null },
    {
      operator: operatorOf(index),
      consensusSeed: consensusSeed(index),
      vrfSeed: vrfSeed(index),
      rotated: [],
      networkSeed: vrfSeed(index + 5),
      experts: [],
      devAccounts: [],
    },
  );
  writeFileSync(join(node, 'genesis.json'), JSON.stringify(genesisToJson(genesis)));
  beginSignState({
    stateFile: join(node, 'sign-state'),
    chainId: genesis.chainId,
    consensusSeed: consensusSeed(index),
  });
  return { node, signer: join(folder, `${name}-signer`) };
}

/** Changes what node.json says of the signer. */
export function placeSigner(home: string, place: { readonly url?: string; readonly caFile?: string }): void {
  const { node, keys } = readNodeHome(home);
  // Other tests may keep this machine busy.
  const signer = { tokenFile: 'signer-token', url: '', ...node.signer, answerMs: 5_000, ...place };
  writeNodeHome(home, { ...node, signer }, keys);
}

export type Running = {
  readonly child: ChildProcess;
  readonly log: () => string;
  /** Once, or already, in what it says after the first `from` characters. */
  said(text: RegExp, from?: number): Promise<RegExpMatchArray>;
};

export function start(args: readonly string[], level = 'info'): Running {
  const child = spawn(join(root, 'synod'), args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, SYNOD_LOG: level },
  });
  started.push(child);
  let log = '';
  type Waiting = {
    readonly text: RegExp;
    readonly from: number;
    readonly resolve: (match: RegExpMatchArray) => void;
    readonly reject: (error: Error) => void;
  };
  const waiting: Waiting[] = [];
  const look = () => {
    for (const [index, { text, from, resolve }] of [...waiting.entries()].reverse()) {
      const match = log.slice(from).match(text);
      if (match === null) continue;
      waiting.splice(index, 1);
      resolve(match);
    }
  };
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      log += chunk;
      look();
    });
  child.on('exit', (code) => {
    for (const { text, reject } of waiting.splice(0)) reject(new Error(`ended with ${code} before ${text}:\n${log}`));
  });
  const said = (text: RegExp, from = 0) => {
    const { promise, resolve, reject } = Promise.withResolvers<RegExpMatchArray>();
    waiting.push({ text, from, resolve, reject });
    look();
    return promise;
  };
  return { child, log: () => log, said };
}

/** `rest`: further flags. */
export async function startSigner(
  home: string,
  listen = '127.0.0.1:0',
  rest: readonly string[] = [],
): Promise<Running & { readonly url: string }> {
  const running = start(['signer', '--home', home, '--listen', listen, '--json', ...rest]);
  const [, url = ''] = await running.said(/"url":"(https?:[^"]+)"/);
  return { ...running, url };
}

export async function kill({ child }: Running, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

/** The signer as the node in this home sees it. */
export function remoteOf(
  genesis: Genesis,
  home: string,
  config: { readonly url: string; readonly token?: string; readonly ca?: string },
): ReturnType<typeof openRemoteSigner> {
  const { token = readToken(join(home, 'signer-token')), url, ca } = config;
  return openRemoteSigner({
    chainId: genesis.chainId,
    genesisHash: genesisHash(genesis),
    operator: operatorOf(0),
    home,
    named: null,
    config: { url, token, answerMs: 10_000, ...(ca === undefined ? {} : { ca: readCertificate(ca) }) },
    files: systemFiles,
  });
}
