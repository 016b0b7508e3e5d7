/**
 * The full check of a stopped node's database: everything a node took on trust when it started, done again from the records.
 * Owns the order of checks and what a finding says; validity is the chain's and the judge's.
 */
import { join } from 'node:path';
import {
  applyBlock,
  type Block,
  blockId,
  createGenesisState,
  decodeBlock,
  decodeExtendedCommit,
  encodeBlockResults,
  type Genesis,
  genesisHash,
  type Hash,
  type Height,
  readValidatorsAt,
  StateTree,
  SynodError,
  validatorsHash,
} from '@synod/chain';
import { type OpenedStore, openStore } from './adapters/index.ts';
import { type ChainHead, chainCrypto, genesisHead, Judge } from './host/index.ts';

export type DatabaseCheck = {
  readonly from: Height;
  readonly to: Height;
  /** `replay`: every block was executed again from genesis. `links`: older blocks are pruned; certificates and links only. */
  readonly depth: 'replay' | 'links';
  readonly stateRoot: Hash;
};

export type CheckProgress = (height: Height, target: Height) => void;

const PROGRESS_EVERY = 500;

/**
 * Checks every stored block: its hash, its parent, its certificate and, where nothing is pruned, its whole validity by
 * executing it; then that state and results on disk are the ones that come out. Throws `DATABASE_DAMAGED` at the first fault.
 */
export async function checkDatabase(options: {
  readonly home: string;
  readonly genesis: Genesis;
  readonly onProgress?: CheckProgress;
}): Promise<DatabaseCheck> {
  const { home, genesis, onProgress = () => undefined } = options;
  const identity = { genesis, chainId: genesis.chainId, genesisHash: genesisHash(genesis) };
  const directory = join(home, 'chain');
  const opening = await openStore({ directory, ...identity, deliver: () => undefined });
  try {
    const { boot, store } = opening;
    if (boot === null) throw fault(0, 'the state was never written');
    const state = StateTree.fromEntries(boot.entries.map(([key, value]) => ({ key, value })));
    if (state.root !== boot.stateRoot) throw fault(boot.stateHeight, 'the state does not hash to its recorded root');
    const from = store.oldestHeight() ?? 1;
    const isWhole = from === 1;
    const judge = new Judge(identity, new Set());
    const end = isWhole
      ? replay({ opening, judge, start: genesisHead(createGenesisState(genesis)), to: boot.storeHeight, onProgress })
      : checkLinks({ opening, judge, state, from, to: boot.storeHeight, onProgress });
    if (isWhole && boot.stateHeight === end.height && end.root !== boot.stateRoot) {
      throw fault(end.height, `executing all blocks gives state root ${end.root}, not the stored ${boot.stateRoot}`);
    }
    return { from, to: boot.storeHeight, depth: isWhole ? 'replay' : 'links', stateRoot: boot.stateRoot };
  } finally {
    await opening.close();
  }
}

type Walk = {
  readonly opening: OpenedStore;
  readonly judge: Judge;
  readonly to: Height;
  readonly onProgress: CheckProgress;
};

function replay({ opening, judge, start, to, onProgress }: Walk & { start: ChainHead }) {
  let head = start;
  while (head.height < to) {
    const height = head.height + 1;
    const { block, commit, hash } = readBlock(opening, height);
    if (!judge.certifies(commit, block, head)) throw fault(height, 'its certificate does not hold');
    const judged = judge.judge(block, head);
    if (!judged.ok) throw fault(height, `it is not valid (${judged.code})`);
    const applied = applyBlock(head.state, block, judged.execution, chainCrypto.verifyBeacon);
    if (!applied.ok) throw fault(height, `it cannot be applied (${applied.code})`);
    const { state, results } = applied;
    const stored = opening.store.results(height);
    const isApplied = height <= (opening.boot?.stateHeight ?? 0);
    if (isApplied && (stored === null || Buffer.compare(stored, encodeBlockResults(results)) !== 0)) {
      throw fault(height, 'its stored results are not what executing it gives');
    }
    head = { height, blockId: hash, header: block.header, state, results, commit };
    if (height % PROGRESS_EVERY === 0) onProgress(height, to);
  }
  return { height: head.height, root: head.state.root };
}

/**
 * Certificates are checked where the newest state still knows the height's set, which the newest block's always is; what lies before is held
 * by the hashes that lead to it.
 */
function checkLinks({ opening, judge, state, from, to, onProgress }: Walk & { state: StateTree; from: Height }) {
  let previous: Hash | null = null;
  for (let height = from; height <= to; height++) {
    const { block, commit, hash } = readBlock(opening, height);
    if (previous !== null && block.header.lastBlockId !== previous)
      throw fault(height, 'it does not follow its parent');
    const set = readValidatorsAt(state, height);
    const isSetKnown = set !== null && validatorsHash(set) === block.header.validatorsHash;
    const isOfBlock = commit.height === height && commit.blockId === hash && judge.isWhole(block);
    if (!isOfBlock || (isSetKnown ? !judge.isCertificate(commit, set) : height === to)) {
      throw fault(height, 'its certificate does not hold');
    }
    previous = hash;
    if (height % PROGRESS_EVERY === 0) onProgress(height, to);
  }
  return { height: to, root: state.root };
}

function readBlock(opening: OpenedStore, height: Height) {
  const stored = opening.store.block(height);
  if (stored === null) throw fault(height, 'it is missing');
  const block = decodeBlock(stored.block);
  const commit = decodeExtendedCommit(stored.commit);
  if (!block.ok || !commit.ok) throw fault(height, 'it does not decode');
  if (idOf(block.value) !== stored.hash || opening.store.heightOfHash(stored.hash) !== height) {
    throw fault(height, 'it is not the block its index names');
  }
  return { block: block.value, commit: commit.value, hash: stored.hash };
}

function idOf(block: Block): Hash {
  return blockId(block.header);
}

function fault(height: Height, what: string): SynodError {
  return new SynodError(
    'DATABASE_DAMAGED',
    `Block ${height} of this database failed the check: ${what}. Restore a backup, or move the "chain" folder away and let the node sync again.`,
    { facts: { height } },
  );
}
