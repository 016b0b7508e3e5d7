/**
 * `synod receipt`, `synod state proof` and `synod checkpoint`: files for somebody who has no node, and the block to trust
 * that goes with them. Owns fetching and writing; verifying is verify-receipt.ts and verify-proof.ts.
 */
import { writeFileSync } from 'node:fs';
import { SynodError, stateKeys } from '@synod/chain';
import { parseCheckpoint } from '../join/checkpoint.ts';
import { devnetRecordOf, resolveAddress } from '../rpc/dev-accounts.ts';
import { createNodeClient } from '../rpc/node-client.ts';
import { parseUrl, rpcUrl } from '../settings/settings.ts';
import { SYNOD } from '../terminal/command-name.ts';
import { type CommonOptions, print, printJson, toJson } from '../terminal/output.ts';

export type ProofFlags = CommonOptions & {
  readonly rpc?: string;
  readonly out?: string;
  /** A block that the reader of the file trusts. */
  readonly trust?: string;
};

export async function runReceipt(queryId: string, flags: ProofFlags): Promise<void> {
  const node = createNodeClient(rpcUrl(flags, process.env));
  const file = await node.call('query_getReceipt', { queryId, ...trustedHeight(flags) });
  writeProof(file, flags, {
    what: `receipt of ${queryId}, settled in block ${file.settledAt}`,
    verify: 'receipt',
    facts: { queryId: `0x${file.queryId}`, settledAt: file.settledAt, provenBy: file.settledAt + 1 },
  });
}

export type StateProofFlags = ProofFlags & { readonly height?: string; readonly dataDir?: string };

/** `key` is a key as docs/spec/state.md has it, or the kind of a record whose `name` is an address or devnet account. */
export async function runStateProof(key: string, name: string | undefined, flags: StateProofFlags): Promise<void> {
  const node = createNodeClient(rpcUrl(flags, process.env));
  const full = name === undefined ? key : keyOf(key, name, flags);
  const height = flags.height === undefined ? {} : { height: flags.height };
  const file = await node.call('state_getProof', { key: full, ...height, ...trustedHeight(flags) });
  writeProof(file, flags, {
    what: `${full} after block ${file.height}${file.value === null ? ' (absent)' : ''}`,
    verify: 'proof',
    facts: { key: full, height: file.height, value: file.value },
  });
}

function keyOf(kind: string, name: string, flags: StateProofFlags): string {
  const address = resolveAddress(name, devnetRecordOf(flags.dataDir));
  if (kind === 'account') return stateKeys.account(address);
  if (kind === 'expert') return stateKeys.expert(address);
  if (kind === 'validator') return stateKeys.pool(address);
  throw new SynodError(
    'USAGE',
    `"${kind}" is no kind of record with an address. Write account, expert or validator before the address, or one key such as reputation/syn1…/general.`,
  );
}

function trustedHeight({ trust }: ProofFlags): { trustedHeight?: number } {
  return trust === undefined ? {} : { trustedHeight: parseCheckpoint(trust, '--trust').height };
}

/** Without `--out` the file itself is the output, so that it can be redirected; with it, a line says what was written. */
function writeProof(
  file: object,
  { out, json, trust }: ProofFlags,
  { what, verify, facts }: { readonly what: string; readonly verify: string; readonly facts: object },
): void {
  if (out === undefined) return print(toJson(file));
  writeFileSync(out, `${toJson(file)}\n`);
  if (json) return printJson({ file: out, ...facts });
  print(`✔ ${what}, proven in ${out}`);
  print(
    `  Verify it with a block from a node you trust:  ${SYNOD} verify ${verify} ${out} --trust ${trust ?? 'HEIGHT@HASH'}`,
  );
}

export type CheckpointFlags = CommonOptions & { readonly rpc?: readonly string[] };

/** The newest block that all the nodes named agree on. */
export async function runCheckpoint(flags: CheckpointFlags): Promise<void> {
  const urls = flags.rpc?.map((url) => parseUrl(url, '--rpc')) ?? [rpcUrl({}, process.env)];
  const { checkpoint, height, hash, time } = await agreedCheckpoint(urls);
  if (flags.json) return printJson({ checkpoint, height: String(height), hash, time, nodes: urls });
  print(checkpoint);
}

/** The newest block that all these nodes show alike. Throws `CHECKPOINT_MISMATCH`, or `FUTURE` where there is none yet. */
export async function agreedCheckpoint(
  urls: readonly string[],
): Promise<{ readonly checkpoint: string; readonly height: number; readonly hash: string; readonly time: string }> {
  const nodes = urls.map((url) => createNodeClient(url));
  const heads = await Promise.all(nodes.map((node) => node.call('chain_getFinalized')));
  const height = Math.min(...heads.map((head) => Number(head.height)));
  if (height === 0) {
    throw new SynodError('FUTURE', 'The chain has no block yet. Ask again in a moment.', { facts: { height } });
  }
  const blocks = await Promise.all(nodes.map((node) => node.call('chain_getLightBlock', { height })));
  const differing = blocks.findIndex(({ hash }) => hash !== blocks[0]?.hash);
  if (differing >= 0) {
    throw new SynodError(
      'CHECKPOINT_MISMATCH',
      `The nodes disagree about block ${height}: ${urls[0]} says ${blocks[0]?.hash}, ${urls[differing]} says ${blocks[differing]?.hash}. ` +
        'Trust neither before you know why: they may be of different chains, or one of them lies.',
      { facts: { height, first: urls[0] ?? '', other: urls[differing] ?? '' } },
    );
  }
  const [{ hash, time }] = blocks as [(typeof blocks)[number]];
  return { checkpoint: `${height}@${hash}`, height, hash, time };
}
