/**
 * A network of production hosts in virtual time whose first node is served over real RPC: what a command submits drives the
 * network until it is final. Owns the wiring only.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { toHex } from '@synod/chain';
import { NodeService } from '@synod/node';
import { createRpcServer, type NodeApi, type SpendKeys } from '@synod/rpc';
import { Lab, type LabOptions } from '../../node/test/host/lab.ts';
import { factsOf } from '../../node/test/service/service-lab.ts';

export type ServedLab = {
  readonly lab: Lab;
  readonly url: string;
  /** What the server answers from. */
  readonly api: NodeApi;
  /** Runs the network until the condition holds, and tells the node's service of every block. */
  run(isDone: () => boolean): void;
  /** A key file for `--key-file`. */
  keyFile(seed: Uint8Array): string;
};

const VIRTUAL_MS_MAX = 600_000;
const BLOCKS_TO_FINAL = 4;

/** The node's service, with a network that moves when something was submitted. */
class DrivenService extends NodeService {
  /** Until the condition holds; without one, until what was submitted is final. */
  drive: (isDone?: () => boolean) => void = () => undefined;

  override submitTransaction(...args: Parameters<NodeService['submitTransaction']>) {
    const result = super.submitTransaction(...args);
    this.drive();
    return result;
  }

  override async openQuery(...args: Parameters<NodeService['openQuery']>) {
    const opened = await super.openQuery(...args);
    setImmediate(() => this.drive(() => this.query(opened.queryId, null)?.status === 'final'));
    return opened;
  }

  override submitFeedback(...args: Parameters<NodeService['submitFeedback']>) {
    const result = super.submitFeedback(...args);
    setImmediate(() => this.drive());
    return result;
  }

  override submitSignedFeedback(...args: Parameters<NodeService['submitSignedFeedback']>) {
    const result = super.submitSignedFeedback(...args);
    // What is said is on disk first, and then sent.
    setImmediate(() => this.drive());
    return result;
  }
}

/** How the first node serves: with an account that pays for holders of spend keys, of which `spendingOf` makes the books. */
export type PayingLab = {
  readonly payerSeed: Uint8Array;
  readonly spendingOf: (api: NodeApi) => SpendKeys;
};

export async function serveLab(t: TestContext, options: LabOptions, paying?: PayingLab): Promise<ServedLab> {
  const lab = new Lab(options);
  const folder = mkdtempSync(join(tmpdir(), 'synod-lab-keys-'));
  const node = lab.nodes[0]!;
  const service = new DrivenService(node.host!, node.store, {
    ...factsOf(lab),
    ...(paying === undefined
      ? {}
      : { genesis: { ...lab.genesis, devnet: false }, paying: [{ name: 'payer', seed: paying.payerSeed }] }),
    feedback: {
      blobs: {
        has: (content) => node.blobs.has(content),
        read: (content) => node.blobs.get(content) ?? null,
        keep: async (content, bytes) => {
          node.blobs.set(content, bytes);
          node.host!.handle({ kind: 'blobStored', content });
          return true;
        },
      },
      privateFile: { path: 'private-feedback.jsonl', append: () => Promise.resolve() },
    },
    addresses: () => ({
      peerId: '',
      own: ['/ip4/127.0.0.1/tcp/9546/p2p/12D3KooWSf238mZkuDTN9iYfFwdKfUt79igcDLbGNyxErkoX8BJr'],
      others: [],
    }),
  });
  let told = 0;
  const run = (isDone: () => boolean): void => {
    lab.runUntil(isDone, VIRTUAL_MS_MAX);
    for (; told < node.events.length; told++) service.onHostEvent(node.events[told]!);
  };
  service.drive = (isDone) => {
    const height = node.head.height;
    const isFinal = () => node.head.height >= height + BLOCKS_TO_FINAL;
    run(() => isFinal() && (isDone?.() ?? true));
  };
  const url = await serveApi(t, service, paying?.spendingOf(service) ?? null);
  t.after(() => rmSync(folder, { recursive: true }));
  let keys = 0;
  const keyFile = (seed: Uint8Array): string => {
    const file = join(folder, `${keys++}.json`);
    writeFileSync(file, JSON.stringify({ privateKey: `0x${toHex(seed)}` }), { mode: 0o600 });
    return file;
  };
  return { lab, url, api: service, run, keyFile };
}

/** Serves any node's answers over real RPC; closed with the test. */
export async function serveApi(t: TestContext, api: NodeApi, spending: SpendKeys | null = null): Promise<string> {
  const silent = () => undefined;
  const log = { debug: silent, info: silent, warn: silent, error: silent };
  const server = createRpcServer({ api, port: 0, log, ...(spending === null ? {} : { spending }) });
  const url = await server.listen();
  t.after(() => server.close());
  return url;
}
