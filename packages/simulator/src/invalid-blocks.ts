/** Ways in which a block can be wrong, one for every rule of block validity (consensus §1.12). Owns the spoiling only. */
import {
  type Block,
  type Evidence,
  encodeVoteExtension,
  evidenceRoot,
  extensionsRoot,
  type Header,
  lastCommitRoot,
  NANO_PER_SYN,
  type Transaction,
  transactionsRoot,
  ZERO_HASH,
} from '@synod/chain';
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
  falseEvidence: (block, { world }) => {
    const evidence = [falseEvidence(world, block)];
    return { ...withHeader(block, { evidenceRoot: evidenceRoot(evidence) }), evidence };
  },
};

const spuriousItem = { kind: 'score.commit', queryId: ZERO_HASH, commitment: ZERO_HASH } as const;

/** The block made wrong in one way, by chance. */
export function spoil(block: Block, context: Context): { readonly block: Block; readonly how: string } {
  for (const how of context.world.prngs.attacks.shuffled(Object.keys(spoilings))) {
    const spoilt = spoilings[how]?.(block, context) ?? null;
    if (spoilt !== null) return { block: spoilt, how };
  }
  throw new RangeError('every block can be spoilt');
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
function stolen(world: World, block: Block): Transaction {
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
