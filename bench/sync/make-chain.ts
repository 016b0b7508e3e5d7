/**
 * A finished chain on disk without running consensus: real blocks, certificates by four real keys, real state, in the homes of
 * nodes that can serve it and sign nothing. Owns the making only.
 */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import {
  addressOf,
  applyBlock,
  beaconAlpha,
  blockId,
  buildBlock,
  createGenesisState,
  type ExtendedCommit,
  encodeBlock,
  encodeBlockResults,
  encodeExtendedCommit,
  encodeVoteExtension,
  extensionSignBytes,
  type Genesis,
  genesisHash,
  genesisParent,
  genesisToJson,
  type Hash,
  parentOf,
  proposerAt,
  publicKeyOf,
  readBeacon,
  readParams,
  readValidatorRecord,
  type StateTree,
  sha256,
  sign,
  type Transaction,
  transactionId,
  transactionSignBytes,
  verifySignature,
  voteSignBytes,
  vrfProve,
} from '@synod/chain';
import { peerIdOf } from '@synod/node';
import { encodeEvents } from '@synod/node/host';
import { expertPlans } from '../../packages/cli/src/devnet/experts.ts';
import { devnetGenesis } from '../../packages/cli/src/devnet/genesis.ts';
import { type DevnetKeys, devnetKeys } from '../../packages/cli/src/devnet/keys.ts';
import { CHAIN_DEFAULTS } from '../../packages/cli/src/devnet/options.ts';
import { writeJsonAtomic } from '../../packages/cli/src/files/write-file.ts';
import { writeNodeHome } from '../../packages/cli/src/node-home.ts';
import { openStore } from '../../packages/node/src/adapters/index.ts';

export type MadeChain = {
  readonly checkpoint: string;
  readonly homes: readonly string[];
  readonly transactions: number;
};

const STORE_EVERY = 32;

/** Makes `blocks` blocks with `perBlock` transfers each, and `servers` homes that hold them, RPC ports in tens from the base. */
export async function makeChain(options: {
  readonly folder: string;
  readonly blocks: number;
  readonly perBlock: number;
  readonly servers: number;
  readonly portBase: number;
}): Promise<MadeChain> {
  const { folder, blocks, perBlock, servers, portBase } = options;
  const keys = devnetKeys('sync-bench', 4);
  const choice = { ...CHAIN_DEFAULTS, seed: 'sync-bench', model: 'tiny' };
  const plans = keys.validators.map((_, index) => expertPlans(index, [], true));
  const genesis = devnetGenesis(choice, keys, { modelHash: '11'.repeat(32), modelName: 'none', plans, lines: [] });
  const homes = Array.from({ length: servers }, (_, index) => join(folder, `val-${index}`));
  const addresses = homes.map((_, index) => {
    const peerId = peerIdOf(keys.validators[index]!.networkSeed);
    return `/ip4/127.0.0.1/tcp/${portBase + 10 * index + 1}/p2p/${peerId}`;
  });
  homes.forEach((home, index) => {
    const bootstrap = addresses.filter((_, other) => other !== index);
    writeHome(home, genesis, keys, { index, rpcPort: portBase + 10 * index, bootstrap });
  });
  const head = await writeChain(join(homes[0]!, 'chain'), { genesis, keys, blocks, perBlock });
  for (const home of homes.slice(1)) cpSync(join(homes[0]!, 'chain'), join(home, 'chain'), { recursive: true });
  return { checkpoint: `${blocks}@0x${head}`, homes, transactions: blocks * perBlock };
}

function writeHome(
  home: string,
  genesis: Genesis,
  keys: DevnetKeys,
  at: { index: number; rpcPort: number; bootstrap: readonly string[] },
): void {
  const { networkSeed } = keys.validators[at.index]!;
  writeJsonAtomic(join(home, 'genesis.json'), genesisToJson(genesis));
  writeNodeHome(
    home,
    {
      formatVersion: 1,
      name: `val-${at.index}`,
      rpc: { host: '127.0.0.1', port: at.rpcPort },
      p2p: { listen: `/ip4/127.0.0.1/tcp/${at.rpcPort + 1}`, bootstrap: at.bootstrap },
      modelDirectory: null,
    },
    { operator: null, consensusSeed: null, vrfSeed: null, rotated: [], networkSeed, experts: [], devAccounts: [] },
  );
}

type ChainPlan = {
  readonly genesis: Genesis;
  readonly keys: DevnetKeys;
  readonly blocks: number;
  readonly perBlock: number;
};

/** The hash of the last block. */
async function writeChain(directory: string, plan: ChainPlan): Promise<Hash> {
  const { genesis, keys, blocks, perBlock } = plan;
  const opened = await openStore({
    directory,
    chainId: genesis.chainId,
    genesisHash: genesisHash(genesis),
    deliver: () => undefined,
  });
  let state = createGenesisState(genesis);
  await opened.initialise({
    entries: [...state.entries()].map(({ key, value }) => [key, value] as const),
    stateRoot: state.root,
  });
  let parent = genesisParent(genesis);
  let lastCommit: ExtendedCommit | null = null;
  let steps: Parameters<NonNullable<typeof opened.store.saveApplied>>[0][number][] = [];
  for (let height = 1; height <= blocks; height++) {
    const block = nextBlock({ state, parent, lastCommit, plan, transactions: transfers(plan, height, perBlock) });
    const id = blockId(block.header);
    const applied = applyBlock(state, block);
    if (!applied.ok || block.transactions.length !== perBlock) throw new Error(`block ${height} came out wrong`);
    const commit = certificate(genesis, keys, height, id);
    steps.push({
      block: { height, hash: id, block: encodeBlock(block), commit: encodeExtendedCommit(commit) },
      change: {
        height,
        stateRoot: applied.state.root,
        writes: applied.writes,
        results: encodeBlockResults(applied.results),
        events: encodeEvents(applied.events),
        transactionIds: block.transactions.map(({ body }) => transactionId(body)),
        queryIds: [],
      },
    });
    if (steps.length >= STORE_EVERY || height === blocks) {
      opened.store.saveApplied?.(steps);
      steps = [];
    }
    state = applied.state;
    parent = parentOf(block.header, applied.results);
    lastCommit = commit;
  }
  await opened.close();
  return parent.blockId;
}

function nextBlock(options: {
  state: StateTree;
  parent: ReturnType<typeof genesisParent>;
  lastCommit: ExtendedCommit | null;
  plan: ChainPlan;
  transactions: readonly Transaction[];
}) {
  const { state, parent, lastCommit, plan, transactions } = options;
  const height = parent.height + 1;
  const proposer = proposerAt(readValidatorRecord(state), readParams(state), height, 0);
  const { vrfSeed } = plan.keys.validators.find(({ operator }) => operator === proposer)!;
  const beacon = readBeacon(state, parent.height);
  if (beacon === null) throw new Error('no beacon');
  return buildBlock({
    state,
    parent,
    lastCommit,
    transactions,
    // Made two lines above with these very keys.
    isSignatureValid: () => true,
    evidence: [],
    verify: verifySignature,
    time: parent.time + 500,
    beaconProof: vrfProve(vrfSeed, beaconAlpha(beacon, height)),
    proposer,
  }).block;
}

/** Signed by all four, in the order of the set. */
function certificate(genesis: Genesis, keys: DevnetKeys, height: number, id: Hash): ExtendedCommit {
  const { chainId } = genesis;
  const vote = voteSignBytes(chainId, { type: 'precommit', height, round: 0, blockId: id });
  const extension = encodeVoteExtension({ items: [] });
  const signed = extensionSignBytes(chainId, { height, round: 0, blockId: id, extension });
  const precommits = genesis.validators.map(({ publicKey }, validator) => {
    const { consensusSeed } = keys.validators.find((one) => publicKeyOf(one.consensusSeed) === publicKey)!;
    return {
      validator,
      signature: sign(consensusSeed, vote),
      extension,
      extensionSignature: sign(consensusSeed, signed),
    };
  });
  return { height, round: 0, blockId: id, precommits };
}

function transfers({ genesis, keys }: ChainPlan, height: number, count: number): Transaction[] {
  const { seed } = keys.accounts[0]!;
  const to = addressOf(publicKeyOf(keys.accounts[1]!.seed));
  const sender = publicKeyOf(seed);
  return Array.from({ length: count }, (_, index) => {
    const salt = sha256(new TextEncoder().encode(`${height}/${index}`)).subarray(0, 16);
    const body = {
      chainId: genesis.chainId,
      sender,
      salt,
      validUntil: height + 20,
      maxBaseFeePerByte: 1_000n,
      tip: 0n,
      payload: { type: 'transfer' as const, to, amount: 1n },
    };
    return { body, signature: sign(seed, transactionSignBytes(body)) };
  });
}
