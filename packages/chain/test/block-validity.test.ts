/** Whether a block may follow its parent: every rule broken once (consensus §1.12, state §8). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  applyBlock,
  type Block,
  buildBlock,
  type ExtendedCommit,
  encodeVoteExtension,
  evidenceRoot,
  extensionsRoot,
  genesisParent,
  type Hash,
  type Header,
  lastCommitRoot,
  merkleRoot,
  parentOf,
  readBaseFee,
  readBeacon,
  readHead,
  resultLeaves,
  transactionsRoot,
} from '../src/index.ts';
import { keysOf, TestChain, user } from './test-chain.ts';

const other = keysOf('other');
const FOREIGN = '11'.repeat(32) as Hash;

/** A chain at height 2 and a valid block for height 3 that carries one transfer. */
function prepared(): { chain: TestChain; block: Block } {
  const chain = new TestChain();
  chain.next();
  chain.next();
  const { block } = buildBlock(chain.buildInput({ transactions: [chain.transfer(user, other.address, 5n)] }));
  return { chain, block };
}

function codeOf(chain: TestChain, block: Block): string {
  const verdict = chain.validate(block);
  if (verdict.ok) return 'OK';
  return verdict.code === 'TRANSACTION_INVALID' ? `${verdict.facts['reason']}` : verdict.code;
}

/** The block with another last commit and the roots that go with it. */
function withCommit(block: Block, lastCommit: ExtendedCommit | null): Block {
  const roots = { lastCommitRoot: lastCommitRoot(lastCommit), extensionsRoot: extensionsRoot(lastCommit) };
  return { ...block, lastCommit, header: { ...block.header, ...roots } };
}

function withTransactions(block: Block, transactions: Block['transactions']): Block {
  return { ...block, transactions, header: { ...block.header, transactionsRoot: transactionsRoot(transactions) } };
}

test('what is built is valid', () => {
  const { chain, block } = prepared();
  assert.equal(codeOf(chain, block), 'OK');
});

test('consensus §1.12: every header field is checked', () => {
  const { chain, block } = prepared();
  const broken: [Partial<Header>, string][] = [
    [{ protocolVersion: 2 }, 'BLOCK_VERSION'],
    [{ chainId: 'other-1' }, 'BLOCK_CHAIN_ID'],
    [{ height: 4 }, 'BLOCK_HEIGHT_UNEXPECTED'],
    [{ lastBlockId: FOREIGN }, 'BLOCK_PARENT'],
    [{ time: chain.parent.time }, 'BLOCK_TIME_NOT_RISING'],
    [{ time: chain.parent.time + 1 }, 'OK'],
    [{ validatorsHash: FOREIGN }, 'BLOCK_VALIDATORS_HASH'],
    [{ nextValidatorsHash: FOREIGN }, 'BLOCK_NEXT_VALIDATORS_HASH'],
    [{ paramsHash: FOREIGN }, 'BLOCK_PARAMS_HASH'],
    [{ stateRoot: FOREIGN }, 'BLOCK_STATE_ROOT'],
    [{ resultsRoot: FOREIGN }, 'BLOCK_RESULTS_ROOT'],
    [{ transactionsRoot: FOREIGN }, 'BLOCK_TRANSACTIONS_ROOT'],
    [{ lastCommitRoot: FOREIGN }, 'BLOCK_LAST_COMMIT_ROOT'],
    [{ extensionsRoot: FOREIGN }, 'BLOCK_EXTENSIONS_ROOT'],
    [{ evidenceRoot: FOREIGN }, 'BLOCK_EVIDENCE_ROOT'],
    [{ proposer: user.address }, 'BLOCK_PROPOSER_UNKNOWN'],
    [{ beaconProof: new Uint8Array(80) }, 'BEACON_PROOF_INVALID'],
  ];
  for (const [change, code] of broken) {
    assert.equal(
      codeOf(chain, { ...block, header: { ...block.header, ...change } }),
      code,
      JSON.stringify(Object.keys(change)),
    );
  }
});

test("state §8.2: another member's proof is no beacon, and the round's proposer can be demanded", () => {
  const { chain, block } = prepared();
  const imposter = chain.validators.find(({ address }) => address !== block.header.proposer)!.address;
  const stolen = { ...block, header: { ...block.header, proposer: imposter } };
  assert.equal(codeOf(chain, stolen), 'BEACON_PROOF_INVALID');
});

test('state §8.2: the last commit is of the parent, ordered, bounded, verified', () => {
  const { chain, block } = prepared();
  const commit = block.lastCommit!;
  const [first, second, third, fourth] = commit.precommits;
  const check = (changed: ExtendedCommit | null) => codeOf(chain, withCommit(block, changed));
  assert.equal(check(null), 'COMMIT_MISSING');
  assert.equal(check({ ...commit, height: 1 }), 'COMMIT_OF_OTHER_BLOCK');
  assert.equal(check({ ...commit, blockId: FOREIGN }), 'COMMIT_OF_OTHER_BLOCK');
  assert.equal(check({ ...commit, precommits: [second!, first!, third!, fourth!] }), 'COMMIT_ORDER');
  assert.equal(check({ ...commit, precommits: [first!, first!, second!, third!] }), 'COMMIT_ORDER');
  assert.equal(
    check({ ...commit, precommits: [first!, second!, third!, { ...fourth!, validator: 4 }] }),
    'COMMIT_ORDER',
  );
  assert.equal(check({ ...commit, precommits: [first!, second!] }), 'COMMIT_INVALID');
  assert.equal(check({ ...commit, precommits: [first!, second!, third!] }), 'OK');
  assert.equal(check({ ...commit, round: 1 }), 'COMMIT_INVALID');
  const large = { ...first!, extension: new Uint8Array(16 * 1024 + 1) };
  assert.equal(check({ ...commit, precommits: [large, second!, third!, fourth!] }), 'EXTENSION_TOO_LARGE');
  const altered = {
    ...first!,
    extension: encodeVoteExtension({ items: [{ kind: 'score.commit', queryId: FOREIGN, commitment: FOREIGN }] }),
  };
  assert.equal(check({ ...commit, precommits: [altered, second!, third!, fourth!] }), 'COMMIT_INVALID');
});

test('DESIGN §9: an extension that is not canonical makes the block invalid even when signed', () => {
  const { chain, block } = prepared();
  const commit = block.lastCommit!;
  const precommits = commit.precommits.map((precommit) => ({ ...precommit, extension: Uint8Array.of(1, 2, 3) }));
  const changed = withCommit(block, { ...commit, precommits });
  assert.equal(applyBlock(chain.state, changed).ok, false);
});

test('state §8.1: the roots of the last commit cover round, signatures and extensions', () => {
  const { block } = prepared();
  const commit = block.lastCommit!;
  const change = (overrides: Partial<ExtendedCommit['precommits'][number]>): ExtendedCommit => ({
    ...commit,
    precommits: commit.precommits.map((precommit, at) => (at === 1 ? { ...precommit, ...overrides } : precommit)),
  });
  assert.notEqual(lastCommitRoot({ ...commit, round: 1 }), lastCommitRoot(commit));
  assert.notEqual(lastCommitRoot(change({ signature: new Uint8Array(64) })), lastCommitRoot(commit));
  assert.notEqual(extensionsRoot(change({ extensionSignature: new Uint8Array(64) })), extensionsRoot(commit));
  assert.notEqual(extensionsRoot(change({ extension: Uint8Array.of(1) })), extensionsRoot(commit));
  assert.equal(lastCommitRoot(change({ extension: Uint8Array.of(1) })), lastCommitRoot(commit));
  assert.equal(lastCommitRoot(null), merkleRoot([]));
  assert.equal(evidenceRoot([]), merkleRoot([]));
});

test('state §8.2: no last commit at height 1, and only there', () => {
  const chain = new TestChain();
  const { block } = buildBlock(chain.buildInput());
  assert.equal(codeOf(chain, block), 'OK');
  const commit: ExtendedCommit = { height: 0, round: 0, blockId: genesisParent(chain.genesis).blockId, precommits: [] };
  assert.equal(codeOf(chain, withCommit(block, commit)), 'COMMIT_UNEXPECTED');
});

test('state §3.2: a transaction that may not stand where it stands makes the block invalid', () => {
  const { chain, block } = prepared();
  const [good] = block.transactions;
  const send = (overrides: object) => chain.transfer(user, other.address, 5n, overrides);
  assert.equal(codeOf(chain, withTransactions(block, [good!, good!])), 'DUPLICATE');
  assert.equal(codeOf(chain, withTransactions(block, [send({ validUntil: 2 })])), 'EXPIRED');
  assert.equal(codeOf(chain, withTransactions(block, [send({ maxBaseFeePerByte: 3n })])), 'FEE_TOO_LOW');
  assert.equal(codeOf(chain, withTransactions(block, [{ ...good!, signature: new Uint8Array(64) }])), 'BAD_SIGNATURE');
  assert.equal(
    codeOf(chain, withTransactions(block, [chain.transfer(other, user.address, 1n)])),
    'INSUFFICIENT_BALANCE',
  );
  const reward = send({ tip: 1000n });
  assert.equal(codeOf(chain, withTransactions(block, [reward])), 'OK');
});

test('state §8.2: a block holds at most blockBytesMax of transactions; building stops there', () => {
  const chain = new TestChain({ params: { blockBytesMax: 4096, transactionBytesMax: 2048, blockBytesTarget: 1000 } });
  const candidates = Array.from({ length: 40 }, () => chain.transfer(user, other.address, 1n));
  const { block, refused } = buildBlock(chain.buildInput({ transactions: candidates }));
  assert.deepEqual(refused, []);
  assert.deepEqual(block.transactions, candidates.slice(0, block.transactions.length));
  assert.equal(codeOf(chain, block), 'OK');
  const more = withTransactions(block, candidates.slice(0, block.transactions.length + 1));
  assert.equal(codeOf(chain, more), 'BLOCK_TOO_LARGE');
  chain.next({ transactions: candidates });
  assert.equal(readBaseFee(chain.state), 5n, 'the base fee followed');
});

test('building leaves out and names what may not stand, and keeps the rest in order', () => {
  const chain = new TestChain();
  const first = chain.transfer(user, other.address, 1n);
  const late = chain.transfer(user, other.address, 1n, { validUntil: 0 });
  const last = chain.transfer(user, other.address, 2n);
  const { block, refused } = buildBlock(chain.buildInput({ transactions: [first, late, last] }));
  assert.deepEqual(block.transactions, [first, last]);
  assert.deepEqual(refused, [{ transaction: late, code: 'EXPIRED' }]);
});

test('what building began ends as validation does, with what was refused in between left out', () => {
  const chain = new TestChain({ params: { staking: { epochHeights: 3 } } });
  for (let height = 1; height <= 4; height++) {
    const sent = chain.transfer(user, other.address, 5n, { tip: 3n });
    const asked = chain.transaction(user, { type: 'query.open', contract: chain.contract() });
    const late = chain.transfer(user, other.address, 1n, { validUntil: 0 });
    const built = buildBlock(chain.buildInput({ transactions: [sent, late, asked] }));
    const verdict = chain.validate(built.block);
    assert.ok(verdict.ok && built.block.transactions.length === 2);
    assert.deepEqual(built.execute(), verdict.execution);
    assert.equal(built.execute(), built.execute(), 'executed once');
    chain.next({ transactions: [sent, late, asked] });
  }
});

test('a proposer with a wrong beacon proof is told so', () => {
  const chain = new TestChain();
  const input = { ...chain.buildInput(), beaconProof: new Uint8Array(80) };
  assert.throws(() => buildBlock(input), { code: 'BLOCK_NOT_BUILDABLE' });
});

test('a clock behind the parent still makes a rising time', () => {
  const chain = new TestChain();
  const { block } = buildBlock({ ...chain.buildInput(), time: 5 });
  assert.equal(block.header.time, chain.parent.time + 1);
});

test('applying again from the block alone gives the same state, results and root', () => {
  const { chain, block } = prepared();
  const before = chain.state;
  const alone = applyBlock(before, block);
  const verdict = chain.validate(block);
  assert.ok(alone.ok && verdict.ok);
  const cached = applyBlock(before, block, verdict.execution);
  assert.ok(cached.ok);
  assert.equal(alone.state.root, cached.state.root);
  assert.deepEqual(alone.results, cached.results);
  assert.equal(readHead(alone.state), 3);
  assert.equal(readHead(before), 2, 'the state before is untouched');
  assert.equal(parentOf(block.header, alone.results).resultsRoot, merkleRoot(resultLeaves(alone.results)));
  const again = applyBlock(alone.state, block);
  assert.equal(again.ok ? 'OK' : again.code, 'BLOCK_HEIGHT_UNEXPECTED');
});

test('state §6.2: every block has a new beacon, the last eight are kept', () => {
  const chain = new TestChain();
  const seen = new Set<string>();
  for (let height = 1; height <= 10; height += 1) {
    chain.next();
    seen.add(readBeacon(chain.state, height)!);
  }
  assert.equal(seen.size, 10);
  assert.equal(readBeacon(chain.state, 2), null);
  assert.notEqual(readBeacon(chain.state, 3), null);
});
