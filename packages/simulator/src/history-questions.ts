/**
 * Blocks that must not stand, or only just do, and the code that says why: one for every rule of block validity and of evidence (state §7.5, §8,
 * staking §6.3). Owns the changes and the codes; when they are asked is history-script.ts.
 */
import {
  type Block,
  type Evidence,
  type ExtendedCommit,
  evidenceRoot,
  extensionsRoot,
  type Header,
  type Height,
  lastCommitRoot,
  NANO_PER_SYN,
  type Payload,
  type Transaction,
  transactionsRoot,
  type Vote,
} from '@synod/chain';
import type { HistoryChain } from './history-chain.ts';
import { keyPair } from './keys.ts';

export type Question = { readonly name: string; readonly change: (block: Block) => Block; readonly code: string };

const wrongHash = 'ab'.repeat(32) as Header['stateRoot'];

/** The first block, which has no parent's commit; or one in the midst of the chain. */
export function formQuestions(chain: HistoryChain | null): readonly Question[] {
  if (chain === null) {
    const commit: ExtendedCommit = {
      height: 0,
      round: 0,
      blockId: '00'.repeat(32) as ExtendedCommit['blockId'],
      precommits: [],
    };
    return [
      { name: 'a commit before the first', change: (block) => withCommit(block, commit), code: 'COMMIT_UNEXPECTED' },
    ];
  }
  const header = (code: string, change: (header: Header) => Partial<Header>): Question => ({
    name: code,
    change: (block) => ({ ...block, header: { ...block.header, ...change(block.header) } }),
    code,
  });
  const commit = (code: string, change: (commit: ExtendedCommit) => ExtendedCommit | null): Question => ({
    name: code,
    change: (block) => withCommit(block, block.lastCommit && change(block.lastCommit)),
    code,
  });
  const body = (code: string, change: (commit: ExtendedCommit) => ExtendedCommit): Question => ({
    name: code,
    change: (block) => ({ ...block, lastCommit: block.lastCommit && change(block.lastCommit) }),
    code,
  });
  const [member, other] = chain.cast.members.map(({ operator }) => operator.address);
  return [
    { name: 'nothing wrong', change: (block) => block, code: 'OK' },
    header('BLOCK_VERSION', ({ protocolVersion }) => ({ protocolVersion: protocolVersion + 1 })),
    header('BLOCK_CHAIN_ID', () => ({ chainId: 'another' })),
    header('BLOCK_HEIGHT_UNEXPECTED', ({ height }) => ({ height: height + 1 })),
    header('BLOCK_PARENT', () => ({ lastBlockId: wrongHash })),
    header('BLOCK_TIME_NOT_RISING', () => ({ time: chain.timeMs })),
    header('OK', () => ({ time: chain.timeMs + 1 })),
    header('BLOCK_VALIDATORS_HASH', () => ({ validatorsHash: wrongHash })),
    header('BLOCK_NEXT_VALIDATORS_HASH', () => ({ nextValidatorsHash: wrongHash })),
    header('BLOCK_PARAMS_HASH', () => ({ paramsHash: wrongHash })),
    header('BLOCK_STATE_ROOT', () => ({ stateRoot: wrongHash })),
    header('BLOCK_RESULTS_ROOT', () => ({ resultsRoot: wrongHash })),
    header('BLOCK_TRANSACTIONS_ROOT', () => ({ transactionsRoot: wrongHash })),
    header('BLOCK_LAST_COMMIT_ROOT', () => ({ lastCommitRoot: wrongHash })),
    header('BLOCK_EXTENSIONS_ROOT', () => ({ extensionsRoot: wrongHash })),
    header('BLOCK_EVIDENCE_ROOT', () => ({ evidenceRoot: wrongHash })),
    header('BLOCK_PROPOSER_UNKNOWN', () => ({ proposer: chain.cast.customer.address })),
    header('BEACON_PROOF_INVALID', ({ proposer }) => ({
      proposer: proposer === member ? (other as typeof proposer) : (member as typeof proposer),
    })),
    header('BEACON_PROOF_INVALID', ({ beaconProof }) => ({ beaconProof: beaconProof.map((byte) => byte ^ 1) })),
    commit('COMMIT_MISSING', () => null),
    commit('COMMIT_OF_OTHER_BLOCK', (known) => ({ ...known, height: known.height - 1 })),
    commit('COMMIT_OF_OTHER_BLOCK', (known) => ({ ...known, blockId: wrongHash })),
    commit('COMMIT_ORDER', (known) => ({ ...known, precommits: known.precommits.toReversed() })),
    commit('COMMIT_ORDER', (known) => ({
      ...known,
      precommits: known.precommits.map((entry) => ({ ...entry, validator: entry.validator + 9 })),
    })),
    commit('COMMIT_INVALID', (known) => ({ ...known, precommits: known.precommits.slice(0, 4) })),
    commit('EXTENSION_TOO_LARGE', (known) => withExtension(known, new Uint8Array(20_000))),
    commit('EXTENSION_MALFORMED', (known) => withExtension(known, Uint8Array.of(7))),
    body('BLOCK_LAST_COMMIT_ROOT', (known) => ({ ...known, round: known.round + 1 })),
    body('BLOCK_LAST_COMMIT_ROOT', (known) => withEntry(known, { signature: new Uint8Array(64) })),
    body('BLOCK_EXTENSIONS_ROOT', (known) => withEntry(known, { extensionSignature: new Uint8Array(64) })),
    body('BLOCK_EXTENSIONS_ROOT', (known) => withExtension(known, Uint8Array.of(1))),
  ];
}

/** One more than a block may hold, of everything that is counted. */
export function manyQuestions(chain: HistoryChain): readonly Question[] {
  const { members, customer } = chain.cast;
  const made = (payload: Payload, by: typeof customer): Transaction => chain.transaction({ payload, by });
  const keys = (index: number): Payload => {
    const [publicKey, vrfKey] = [keyPair(`many ${index}`).publicKey, keyPair(`many beacon ${index}`).publicKey];
    return { type: 'validator.rotate', publicKey, vrfKey, keyProof: new Uint8Array(64), vrfProof: new Uint8Array(80) };
  };
  const transfer: Payload = { type: 'transfer', to: members[0]!.operator.address, amount: NANO_PER_SYN };
  const rotations = Array.from({ length: 17 }, (_, index) =>
    made(keys(index), members[index % members.length]!.operator),
  );
  const transfers = Array.from({ length: 100 }, () => made(transfer, customer));
  const evidence = Array.from({ length: 17 }, (_, index) => double(chain, 3, chain.height, `${index}`));
  const built = () => chain.build(transfers, { evidence: [], afterMs: 1_000 }).block;
  return [
    { name: 'seventeen rotations', change: (block) => withTransactions(block, rotations), code: 'BLOCK_TOO_LARGE' },
    { name: 'a hundred transfers', change: (block) => withTransactions(block, transfers), code: 'BLOCK_TOO_LARGE' },
    { name: 'as many transfers as fit', change: built, code: 'OK' },
    { name: 'seventeen items of evidence', change: (block) => withEvidence(block, evidence), code: 'BLOCK_TOO_LARGE' },
  ];
}

/** Who signed twice, or did not, by the third validator unless it says another; none of these blocks is ever decided. */
export function evidenceQuestions(chain: HistoryChain, height: Height): readonly Question[] {
  const ask = (name: string, code: string, ...evidence: readonly Evidence[]): Question => ({
    name,
    change: (block) => withEvidence(block, evidence),
    code,
  });
  const at = (about: Height, by = 3): Evidence => double(chain, by, about, 'a');
  if (height === 31) return evidenceForms(chain, ask);
  if (height === 36)
    return [
      ask('evidence of its last height, though its time is over', 'OK', at(30)),
      ask('evidence a height too old, and its time is over', 'EVIDENCE_TOO_OLD', at(29)),
    ];
  if (height === 37)
    return [
      ask('evidence too old', 'EVIDENCE_TOO_OLD', at(30)),
      ask('evidence about one who is barred', 'EVIDENCE_KNOWN', at(35, 4)),
      ask('evidence of its last height', 'OK', at(31)),
    ];
  if (height === 47) {
    const { rotated } = chain.cast.members[2]!;
    const signed = (about: Height, isNew: boolean): Evidence => {
      const key = isNew ? { key: rotated.consensus } : {};
      const [first, second] = ['a', 'b'].map((value) => chain.vote(2, { height: about, value, ...key }));
      return { kind: 'duplicate.vote', first: first as Vote, second: second as Vote };
    };
    return [
      ask('an old key about an old height', 'OK', signed(43, false)),
      ask('a new key about an old height', 'EVIDENCE_NOT_PROVEN', signed(43, true)),
      ask('an old key about a new height', 'EVIDENCE_NOT_PROVEN', signed(44, false)),
      ask('a new key about a new height', 'OK', signed(44, true)),
    ];
  }
  if (height === 50) return [ask('evidence before a long pause', 'OK', at(48)), ask('evidence after it', 'OK', at(49))];
  if (height === 60)
    return [
      ask('evidence at the end of its time, after many quick blocks', 'OK', at(51)),
      ask('evidence beyond both', 'EVIDENCE_TOO_OLD', at(50)),
    ];
  return [];
}

type Ask = (name: string, code: string, ...evidence: readonly Evidence[]) => Question;

function evidenceForms(chain: HistoryChain, ask: Ask): readonly Question[] {
  const height = chain.height;
  const vote = (slot: Partial<Parameters<HistoryChain['vote']>[1]>, by = 3): Vote =>
    chain.vote(by, { height, value: 'a', ...slot });
  const pair = (first: Vote, second: Vote): Evidence => ({ kind: 'duplicate.vote', first, second });
  const [one, other] = [vote({}), vote({ value: 'b' })];
  const [first, second] = ['a', 'b'].map((value) => chain.proposal(3, { height, value }));
  const unsigned = { signature: new Uint8Array(64) };
  const stranger = { validator: chain.cast.customer.address };
  const proposals = (change: object): Evidence => ({
    kind: 'duplicate.proposal',
    first: first!,
    second: { ...second!, ...change },
  });
  return [
    ask('two votes', 'OK', pair(one, other)),
    ask('two proposals', 'OK', proposals({})),
    ask('two precommits', 'OK', pair(vote({ type: 'precommit' }), vote({ type: 'precommit', value: 'b' }))),
    ask('the same vote twice', 'EVIDENCE_NOT_CONFLICTING', pair(one, one)),
    ask('votes of two heights', 'EVIDENCE_SLOT_DIFFERS', pair(one, vote({ height: height - 1, value: 'b' }))),
    ask('votes of two rounds', 'EVIDENCE_SLOT_DIFFERS', pair(one, vote({ round: 1, value: 'b' }))),
    ask('votes of two types', 'EVIDENCE_NOT_PROVEN', pair(one, vote({ type: 'precommit', value: 'b' }))),
    ask('votes of two validators', 'EVIDENCE_NOT_PROVEN', pair(one, vote({ value: 'b' }, 2))),
    ask('an unsigned first vote', 'EVIDENCE_NOT_PROVEN', pair({ ...one, ...unsigned }, other)),
    ask('an unsigned second vote', 'EVIDENCE_NOT_PROVEN', pair(one, { ...other, ...unsigned })),
    ask('a vote of another chain', 'EVIDENCE_NOT_PROVEN', pair(one, vote({ value: 'b', chain: 'another' }))),
    ask('an unsigned second proposal', 'EVIDENCE_NOT_PROVEN', proposals(unsigned)),
    ask('a proposal of a later round', 'EVIDENCE_SLOT_DIFFERS', proposals({ round: 1 })),
    ask('a proposal with another proof of lock', 'EVIDENCE_NOT_PROVEN', proposals({ round: 0, polRound: 0 })),
    ask('votes of nobody', 'EVIDENCE_NOT_A_VALIDATOR', pair({ ...one, ...stranger }, { ...other, ...stranger })),
    ask("votes of the block's own height", 'EVIDENCE_FROM_FUTURE', double(chain, 3, height + 1, 'a')),
    ask('two items about one', 'EVIDENCE_KNOWN', pair(one, other), proposals({})),
    ask('two items about two', 'OK', pair(one, other), double(chain, 2, height, 'a')),
  ];
}

function double(chain: HistoryChain, by: number, height: Height, value: string): Evidence {
  const [first, second] = [chain.vote(by, { height, value }), chain.vote(by, { height, value: `${value}, or not` })];
  return { kind: 'duplicate.vote', first, second };
}

function withExtension(commit: ExtendedCommit, extension: Uint8Array): ExtendedCommit {
  return withEntry(commit, { extension });
}

function withEntry(commit: ExtendedCommit, change: Partial<ExtendedCommit['precommits'][number]>): ExtendedCommit {
  return {
    ...commit,
    precommits: commit.precommits.map((entry, index) => (index === 0 ? { ...entry, ...change } : entry)),
  };
}

function withCommit(block: Block, lastCommit: Block['lastCommit']): Block {
  const roots = { lastCommitRoot: lastCommitRoot(lastCommit), extensionsRoot: extensionsRoot(lastCommit) };
  return { ...block, header: { ...block.header, ...roots }, lastCommit };
}

function withTransactions(block: Block, transactions: readonly Transaction[]): Block {
  return { ...block, header: { ...block.header, transactionsRoot: transactionsRoot(transactions) }, transactions };
}

function withEvidence(block: Block, evidence: readonly Evidence[]): Block {
  return { ...block, header: { ...block.header, evidenceRoot: evidenceRoot(evidence) }, evidence };
}
