/** Ways in which a block can be wrong, one for every rule of block validity (consensus §1.12). Owns the spoiling only. */
import {
  type Block,
  beaconAlpha,
  blockId,
  buildBlock,
  type CommitPrecommit,
  type Evidence,
  type ExtendedCommit,
  encodeVoteExtension,
  evidenceRoot,
  extensionSignBytes,
  extensionsRoot,
  type Header,
  lastCommitRoot,
  NANO_PER_SYN,
  readBeacon,
  readValidatorRecord,
  type Transaction,
  type TransactionBody,
  taggedHashBytes,
  transactionSignBytes,
  transactionsRoot,
  type Vote,
  ZERO_HASH,
} from '@synod/chain';
import { parentBlock } from '@synod/node/host';
import { type KeyPair, keyPair } from './keys.ts';
import type { SimNode } from './sim-node.ts';
import type { World } from './world.ts';

type Context = { readonly world: World; readonly attacker: SimNode };
type Spoiling = (block: Block, context: Context) => Block | null;

const wrongHash = 'ab'.repeat(32) as Header['stateRoot'];

const spoilings: Readonly<Record<string, Spoiling>> = {
  version: (block) => withHeader(block, { protocolVersion: block.header.protocolVersion + 1 }),
  parent: (block) => withHeader(block, { lastBlockId: wrongHash }),
  time: (block) => withHeader(block, { time: 1_600_000_000_000 }),
  validators: (block) => withHeader(block, { validatorsHash: wrongHash }),
  nextValidators: (block) => withHeader(block, { nextValidatorsHash: wrongHash }),
  params: (block) => withHeader(block, { paramsHash: wrongHash }),
  stateRoot: (block) => withHeader(block, { stateRoot: wrongHash }),
  resultsRoot: (block) => withHeader(block, { resultsRoot: wrongHash }),
  transactionsRoot: (block) => withHeader(block, { transactionsRoot: wrongHash }),
  lastCommitRoot: (block) => withHeader(block, { lastCommitRoot: wrongHash }),
  extensionsRoot: (block) => withHeader(block, { extensionsRoot: wrongHash }),
  evidenceRoot: (block) => withHeader(block, { evidenceRoot: wrongHash }),
  beacon: (block) => withHeader(block, { beaconProof: block.header.beaconProof.map((byte) => byte ^ 1) }),
  chain: (block) => withHeader(block, { chainId: 'another' }),
  proposer: (block, { world, attacker }) => {
    const other = world.nodes.find((node) => node.operator !== attacker.operator);
    return other === undefined ? null : withHeader(block, { proposer: other.operator });
  },
  noLastCommit: (block) => (block.lastCommit === null ? null : withCommit(block, null)),
  weakLastCommit: (block) =>
    block.lastCommit && withCommit(block, { ...block.lastCommit, precommits: block.lastCommit.precommits.slice(0, 2) }),
  forgedLastCommit: (block) =>
    block.lastCommit &&
    withCommit(block, {
      ...block.lastCommit,
      precommits: block.lastCommit.precommits.map((entry, index) =>
        index === 0 ? { ...entry, signature: entry.signature.map((byte) => byte ^ 1) } : entry,
      ),
    }),
  forgedExtension: (block) =>
    block.lastCommit &&
    withCommit(block, {
      ...block.lastCommit,
      precommits: block.lastCommit.precommits.map((entry, index) =>
        index === 0 ? { ...entry, extension: encodeVoteExtension({ items: [spuriousItem] }) } : entry,
      ),
    }),
  repeatedPrecommit: (block) =>
    block.lastCommit &&
    withCommit(block, {
      ...block.lastCommit,
      precommits: block.lastCommit.precommits.map(() => block.lastCommit?.precommits[0] as never),
    }),
  forgedTransaction: (block, { world }) => withTransactions(block, [...block.transactions, stolen(world, block)]),
  repeatedTransaction: (block) => {
    const [first] = block.transactions;
    return first === undefined ? null : withTransactions(block, [...block.transactions, first]);
  },
  falseEvidence: (block, { world }) => withEvidence(block, falseEvidence(world, block)),
  harmlessEvidence: (block, { world }) => withEvidence(block, pairOfVotes(world, block, { isSameSlot: false })),
  sameVoteTwice: (block, { world }) => withEvidence(block, pairOfVotes(world, block, { isSameSlot: true })),
  repeatedEvidence: (block, { world }) => {
    const known = blocksBelow(world, block).findLast(({ evidence }) => evidence.length > 0)?.evidence[0];
    return known === undefined ? null : withEvidence(block, known);
  },
  farFuture: (block) => withHeader(block, { time: block.header.time + 3_600_000 }),
  timeNotRising: (block, { world }) => {
    const parent = world.checker.blocks[block.header.height - 2];
    return parent === undefined ? null : withHeader(block, { time: parent.header.time });
  },
  /** Another validator's name and, from an accomplice, its proof: a proposer could choose between beacons. */
  borrowedBeacon: (block, { world, attacker }) => {
    const other = world.nodes.find(({ operator }) => operator !== attacker.operator);
    const beacon = readBeacon(
      world.checker.stateAt(block.header.height - 1) ?? world.cast.state,
      block.header.height - 1,
    );
    if (other === undefined || beacon === null) return null;
    const beaconProof = world.tier.prove(other.member.beacon, beaconAlpha(beacon, block.header.height));
    return withHeader(block, { proposer: other.operator, beaconProof });
  },
  strangeBeacon: (block, { world, attacker }) =>
    withHeader(block, { beaconProof: world.tier.prove(attacker.member.beacon, new Uint8Array(40)) }),
  malformedExtension: (block, context) => withOwnExtension(block, context, Uint8Array.of(7, 7, 7)),
  oversizeExtension: (block, context) => withOwnExtension(block, context, new Uint8Array(20_000)),
  longExtension: (block, context) => {
    const items = Array.from({ length: 300 }, () => spuriousItem);
    return withOwnExtension(block, context, encodeVoteExtension({ items }));
  },
  olderLastCommit: (block, { world }) => {
    const older = world.checker.blocks[block.header.height - 2]?.lastCommit ?? null;
    return older === null ? null : withCommit(block, older);
  },
  replayedTransaction: (block, { world }) => {
    const known = blocksBelow(world, block).findLast(({ transactions }) => transactions.length > 0)?.transactions[0];
    return known === undefined ? null : withTransactions(block, [...block.transactions, known]);
  },
  expiredTransaction: (block, { world }) => withSigned(world, block, { validUntil: block.header.height - 1 }),
  farTransaction: (block, { world }) => withSigned(world, block, { validUntil: block.header.height + 5_000 }),
  strangeTransaction: (block, { world }) => withSigned(world, block, { chainId: 'another' }),
  stingyTransaction: (block, { world }) => withSigned(world, block, { maxBaseFeePerByte: 1n }),
  emptyTransfer: (block, { world }) =>
    withSigned(world, block, { payload: { type: 'transfer', to: world.cast.customer.address, amount: 0n } }),
  poorSender: (block, { world }) => withSigned(world, block, {}, keyPair('nobody')),
  dearTip: (block, { world }) => withSigned(world, block, { tip: 1_000_000n * NANO_PER_SYN }),
};

/** The decided blocks before it; the attacker may be behind, and what was decided at its own height is no repetition. */
function blocksBelow(world: World, { header }: Block): readonly Block[] {
  return world.checker.blocks.slice(0, header.height - 1);
}

/** A transfer by the customer, or somebody else, properly signed but for the change. */
function withSigned(
  world: World,
  block: Block,
  change: Partial<TransactionBody>,
  sender: KeyPair = world.cast.customer,
): Block {
  const { identity, members } = world.cast;
  const body: TransactionBody = {
    chainId: identity.chainId,
    sender: sender.publicKey,
    salt: taggedHashBytes('simulator/attack', Buffer.from(block.header.stateRoot)).subarray(0, 16),
    validUntil: block.header.height + 10,
    maxBaseFeePerByte: 1_000n,
    tip: 0n,
    payload: { type: 'transfer', to: members[0]?.operator.address ?? world.cast.customer.address, amount: 1n },
    ...change,
  };
  const transaction = { body, signature: world.tier.sign(sender, transactionSignBytes(body)) };
  return withTransactions(block, [...block.transactions, transaction]);
}

function withEvidence(block: Block, item: Evidence | null): Block | null {
  if (item === null) return null;
  const evidence = [...block.evidence, item];
  return { ...withHeader(block, { evidenceRoot: evidenceRoot(evidence) }), evidence };
}

/** Two true votes of an honest validator, of two heights or one and the same, given out as signing twice. */
function pairOfVotes(world: World, block: Block, { isSameSlot }: { isSameSlot: boolean }): Evidence | null {
  const victim = world.honest[0];
  if (victim === undefined) return null;
  const votes = world.checker.blocks.flatMap(({ lastCommit }) =>
    lastCommit === null ? [] : votesOf(world, lastCommit, victim),
  );
  const [first, second] = votes.slice(-2);
  if (first === undefined || second === undefined || first.height >= block.header.height) return null;
  return { kind: 'duplicate.vote', first, second: isSameSlot ? first : second };
}

function votesOf(world: World, commit: ExtendedCommit, { operator }: SimNode): Vote[] {
  const { height, round, blockId: id } = commit;
  const index = world.cast.identity.genesis.validators.findIndex((validator) => validator.operator === operator);
  return commit.precommits
    .filter(({ validator }) => validator === index)
    .map(({ signature }) => ({
      type: 'precommit',
      height,
      round,
      blockId: id,
      validator: operator,
      signature,
      extension: null,
    }));
}

/** The attacker's precommit in the last commit carries these bytes, properly signed. */
function withOwnExtension(block: Block, { world, attacker }: Context, extension: Uint8Array): Block | null {
  const { lastCommit } = block;
  const { validators } = world.cast.identity.genesis;
  const own = validators.findIndex(({ operator }) => operator === attacker.operator);
  if (lastCommit === null || !lastCommit.precommits.some(({ validator }) => validator === own)) return null;
  const { height, round, blockId: id } = lastCommit;
  const message = extensionSignBytes(world.cast.identity.chainId, { height, round, blockId: id, extension });
  const extensionSignature = world.tier.sign(attacker.member.consensus, message);
  const precommits = lastCommit.precommits.map((entry) =>
    entry.validator === own ? { ...entry, extension, extensionSignature } : entry,
  );
  return withCommit(block, { ...lastCommit, precommits });
}

/** A block that the node could propose now, without transactions; null while it cannot build one. */
export function ownBlock(world: World, node: SimNode): Block | null {
  const host = node.host;
  if (host === null || host.runner.isDecided) return null;
  const { state, height } = host.head;
  const beacon = readBeacon(state, height);
  const lastCommit = host.runner.lastCommit();
  const isMember = readValidatorRecord(state).validators.some(({ operator }) => operator === node.operator);
  if (beacon === null || !isMember || (height > 0 && lastCommit === null)) return null;
  const { verifySignature, verifyBeacon } = world.tier.crypto;
  return buildBlock({
    state,
    parent: parentBlock(host.head, world.cast.identity),
    lastCommit,
    transactions: [],
    isSignatureValid: () => true,
    evidence: [],
    verify: verifySignature,
    verifyBeacon,
    time: world.queue.nowMs,
    beaconProof: world.tier.prove(node.member.beacon, beaconAlpha(beacon, height + 1)),
    proposer: node.operator,
  }).block;
}

type Forgery = (block: Block, commit: ExtendedCommit) => { readonly block: Block; readonly commit: ExtendedCommit };

/** What a peer that serves decided blocks can do to them. */
export const blockForgeries: readonly Forgery[] = [
  (block, commit) => ({ block: withHeader(block, { time: block.header.time + 1 }), commit }),
  (block, commit) => {
    const other = withHeader(block, { time: block.header.time + 1 });
    return { block: other, commit: { ...commit, blockId: blockId(other.header) } };
  },
  (block, commit) => ({ block: { ...block, transactions: block.transactions.slice(1), evidence: [] }, commit }),
  (block, commit) => ({ block: { ...block, lastCommit: commit }, commit }),
  (block, commit) => ({ block, commit: { ...commit, precommits: commit.precommits.slice(0, 1) } }),
  (block, commit) => ({ block: { ...block, lastCommit: null }, commit }),
  (block, commit) => ({ block, commit: { ...commit, precommits: commit.precommits.map(() => firstOf(commit)) } }),
  (block, commit) => ({ block, commit: { ...commit, precommits: commit.precommits.toReversed() } }),
  (block, commit) => ({ block, commit: { ...commit, precommits: commit.precommits.map(withOtherSignature) } }),
  (block, commit) => ({ block, commit: { ...commit, round: commit.round + 1 } }),
];

function firstOf({ precommits: [first] }: ExtendedCommit): CommitPrecommit {
  if (first === undefined) throw new RangeError('a certificate without precommits');
  return first;
}

function withOtherSignature(precommit: CommitPrecommit): CommitPrecommit {
  return { ...precommit, signature: precommit.signature.map((byte) => byte ^ 1) };
}

const spuriousItem = { kind: 'score.commit', queryId: ZERO_HASH, commitment: ZERO_HASH } as const;

export const spoilingNames: readonly string[] = Object.keys(spoilings);

/** Those that accuse somebody honest. */
export const evidenceSpoilings: readonly string[] = ['harmlessEvidence', 'sameVoteTwice', 'falseEvidence'];

/** The block made wrong in this way, or null when it cannot be. */
export function spoil(block: Block, how: string, context: Context): Block | null {
  return spoilings[how]?.(block, context) ?? null;
}

/** What only the moment of the proposal shows: nobody may prevote it, and it is no fault of the block once decided. */
export function isInvalidForVotersOnly(how: string): boolean {
  return how === 'farFuture' || how === 'borrowedBeacon';
}

function withHeader(block: Block, change: Partial<Header>): Block {
  return { ...block, header: { ...block.header, ...change } };
}

function withCommit(block: Block, lastCommit: Block['lastCommit']): Block {
  const roots = { lastCommitRoot: lastCommitRoot(lastCommit), extensionsRoot: extensionsRoot(lastCommit) };
  return { ...withHeader(block, roots), lastCommit };
}

function withTransactions(block: Block, transactions: readonly Transaction[]): Block {
  return { ...withHeader(block, { transactionsRoot: transactionsRoot(transactions) }), transactions };
}

/** The customer's money sent to the attacker's friends, signed by nobody. */
export function stolen(world: World, block: Block): Transaction {
  const { customer, identity, members } = world.cast;
  return {
    body: {
      chainId: identity.chainId,
      sender: customer.publicKey,
      salt: new Uint8Array(16).fill(block.header.height % 256),
      validUntil: block.header.height + 10,
      maxBaseFeePerByte: 1_000n,
      tip: 0n,
      payload: { type: 'transfer', to: members[0]?.operator.address ?? customer.address, amount: NANO_PER_SYN },
    },
    signature: new Uint8Array(64).fill(7),
  };
}

/** Says that an honest validator prevoted twice; neither vote is signed. */
function falseEvidence(world: World, block: Block): Evidence {
  const victim = world.nodes.find((node) => node.isHonest)?.operator ?? block.header.proposer;
  const slot = { type: 'prevote', height: Math.max(1, block.header.height - 1), round: 0, validator: victim } as const;
  const unsigned = { signature: new Uint8Array(64).fill(9), extension: null };
  return {
    kind: 'duplicate.vote',
    first: { ...slot, ...unsigned, blockId: null },
    second: { ...slot, ...unsigned, blockId: wrongHash },
  };
}
