/**
 * `synod signer`: a process of its own that holds a validator's keys and its signing record, and signs for a node that holds neither. Owns its
 * start and end; what it signs is the node package's signer-server.ts.
 */
import { join, resolve } from 'node:path';
import { genesisHash, SynodError } from '@synod/chain';
import { holdKernelLock } from '@synod/node/kernel-lock';
import { acquireLock } from '@synod/node/lock';
import { createSignerServer } from '@synod/node/signing';
import { type Logger, pino } from 'pino';
import { readGenesisFile } from '../join/genesis-file.ts';
import { ownToken, readTls, SIGNER_PORT_DEFAULT, tokenFileOf } from '../keys/remote-signer.ts';
import { requireSignerHome } from '../keys/signer-home.ts';
import { openKeyring } from '../keys/signer-keyring.ts';
import { stopSignal } from '../processes/stop-signals.ts';
import { displayPath } from '../settings/paths.ts';
import { type CommonOptions, note, printJson } from '../terminal/output.ts';

export type SignerFlags = CommonOptions & {
  readonly home: string;
  readonly listen?: string;
  readonly tokenFile?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
};

const LOOPBACK = /^(127\.|localhost$|::1$)/;

/** Resolves when it has ended because it was asked to. Throws `DATA_DIR_IN_USE`, `SIGN_STATE_DAMAGED`, `SIGNER_TLS_REQUIRED`. */
export async function runSigner(flags: SignerFlags): Promise<void> {
  const home = resolve(flags.home);
  requireSignerHome(home);
  const { host, port } = parseListen(flags.listen ?? `127.0.0.1:${SIGNER_PORT_DEFAULT}`);
  const tls = tlsOf(flags);
  if (tls === null && !LOOPBACK.test(host)) {
    throw new SynodError(
      'SIGNER_TLS_REQUIRED',
      `On ${host} others could read what the signer says. Give it --tls-cert and --tls-key, or listen on 127.0.0.1.`,
      { facts: { host } },
    );
  }
  const genesis = readGenesisFile(join(home, 'genesis.json'));
  const releaseKernelLock = await holdKernelLock(home);
  let release = (): void => undefined;
  try {
    release = acquireLock(home);
    const log: Logger = pino({ name: 'signer', base: { name: 'signer' } }, pino.destination({ fd: 2, sync: true }));
    const { chainId } = genesis;
    const keyring = openKeyring(home, chainId);
    const token = ownToken(flags.tokenFile === undefined ? tokenFileOf(home) : resolve(flags.tokenFile));
    const server = createSignerServer({ chainId, genesisHash: genesisHash(genesis), keyring, token, tls, log });
    const url = await server.listen(host, port).catch((cause: unknown) => {
      const message = `The signer cannot listen on ${host}:${port}. Stop what does, or choose another port with --listen.`;
      throw new SynodError('PORT_IN_USE', message, { facts: { host, port }, cause });
    });
    const keys = keyring.signers().map(({ publicKey }) => `0x${publicKey}`);
    log.info({ url, chainId, keys, pid: process.pid }, 'signer serves requests');
    if (flags.json) printJson({ url, chainId, keys, tokenFile: flags.tokenFile ?? tokenFileOf(home) });
    else {
      note(`The signer of ${displayPath(home)} listens at ${url}. Stop: Ctrl-C`);
      note(`  In the node's node.json:  "signer": {"url": "${url}", "tokenFile": "signer-token"}`);
    }
    await untilAborted(stopSignal());
    await server.close();
    const lastSlots = keyring.signers().map((signer) => {
      const { height, round, step } = signer.signed();
      return { height, round, step };
    });
    log.info({ signed: lastSlots }, 'signer stopped');
  } finally {
    release();
    await releaseKernelLock();
  }
}

function parseListen(text: string): { readonly host: string; readonly port: number } {
  const match = /^(\[[0-9a-f:]+\]|[^:\s]+):(\d{1,5})$/.exec(text);
  const port = Number(match?.[2] ?? Number.NaN);
  if (match?.[1] !== undefined && port <= 65_535) return { host: match[1].replace(/^\[|\]$/g, ''), port };
  throw new SynodError(
    'USAGE',
    `--listen "${text}" is no address. Write HOST:PORT, as 127.0.0.1:${SIGNER_PORT_DEFAULT}.`,
  );
}

function tlsOf({ tlsCert, tlsKey }: SignerFlags): { readonly cert: string; readonly key: string } | null {
  if (tlsCert === undefined && tlsKey === undefined) return null;
  if (tlsCert === undefined || tlsKey === undefined)
    throw new SynodError('USAGE', 'A certificate goes with its key: name both --tls-cert and --tls-key.');
  return readTls(resolve(tlsCert), resolve(tlsKey));
}

function untilAborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve: done } = Promise.withResolvers<void>();
  if (signal.aborted) done();
  signal.addEventListener('abort', () => done());
  return promise;
}
