/**
 * Light blocks for tests, with real keys and signatures: of a real chain, and of bare headers whose validator sets change.
 * Owns no rule of the light client.
 */
import assert from 'node:assert/strict';
import {
  type BlockResults,
  blockId,
  type ExtendedCommit,
  encodeVoteExtension,
  extensionSignBytes,
  type Hash,
  type Header,
  type LightBlock,
  readValidatorRecord,
  sign,
  taggedHash,
  type Validator,
  validatorsHash,
  verifySignature,
  voteSignBytes,
  ZERO_HASH,
} from '@synod/chain';
import { CHAIN_ID, generated, keysOf, TestChain, user } from '../../../chain/test/test-chain.ts';
import type { LightClientConfig, LightVerdict } from '../../src/index.ts';

export { CHAIN_ID };

export const config: LightClientConfig = {
  chainId: CHAIN_ID,
  trustingPeriodMs: 100_000_000,
  clockDriftMsMax: 1_000,
  verify: verifySignature,
};

/** A clock at which every block of the chains here is past and none has expired. */
export const NOW_MS = 2_000_000;

export function codeOf(verdict: LightVerdict | { readonly ok: boolean; readonly code?: string }): string {
  return verdict.ok ? 'OK' : ((verdict as { code?: string }).code ?? 'no code');
}

export type RealChain = {
  readonly chain: TestChain;
  /** By height − 1. */
  readonly blocks: readonly LightBlock[];
  /** Results by height − 1. */
  readonly results: readonly BlockResults[];
};

const WINDOWS = { answerWindow: 4, revealWindow: 4, scoreWindow: 4, scoreRevealWindow: 4 };

/** A chain with payments in every block and one query settled on the way. */
export function realChain(heights: number): RealChain {
  const chain = new TestChain({ powers: [10n, 20n, 30n, 40n] });
  const blocks: LightBlock[] = [];
  const results: BlockResults[] = [];
  const step = (transactions: Parameters<TestChain['next']>[0] = {}): void => {
    const pay = chain.transfer(user, keysOf('payee').address, BigInt(chain.height + 1));
    const next = { ...transactions, transactions: [pay, ...(transactions.transactions ?? [])] };
    results.push(chain.next(next).results);
    const { validators } = readValidatorRecord(chain.state);
    blocks.push({ header: chain.block!.header, commit: chain.commit({}), validators, nextValidators: null });
  };
  const open = chain.transaction(user, { type: 'query.open', contract: chain.contract(WINDOWS) });
  step({ transactions: [open] });
  step();
  const id = results[0]!.transactions[1]!.id;
  step({ transactions: chain.commits(id, [generated('Paris'), generated('Rome')]) });
  step({ transactions: chain.reveals(id, [generated('Paris'), generated('Rome')]) });
  while (chain.height < heights) step();
  assert.equal(results.flatMap(({ receipts }) => receipts).length, 1, 'the query settled');
  return { chain, blocks, results };
}

export type Member = { readonly secret: Uint8Array; readonly validator: Validator };

export function member(name: string, power: bigint): Member {
  const keys = keysOf(`light consensus ${name}`);
  const vrfKey = keysOf(`light vrf ${name}`).publicKey;
  return {
    secret: keys.secret,
    validator: { operator: keysOf(`light ${name}`).address, publicKey: keys.publicKey, vrfKey, power },
  };
}

/** Members in set order. */
export function setOf(...members: readonly Member[]): readonly Member[] {
  return [...members].sort((a, b) => (a.validator.operator < b.validator.operator ? -1 : 1));
}

export const validatorsOf = (members: readonly Member[]): readonly Validator[] =>
  members.map(({ validator }) => validator);

/** A certificate of `header` by those of `set` that are in `signers`. */
export function certify(
  header: Header,
  set: readonly Member[],
  signers: readonly Member[] = set,
  round = 0,
): ExtendedCommit {
  const [height, id] = [header.height, blockId(header)];
  const extension = encodeVoteExtension({ items: [] });
  const precommits = set.flatMap((one, validator) => {
    if (!signers.some(({ validator: { publicKey } }) => publicKey === one.validator.publicKey)) return [];
    const vote = voteSignBytes(header.chainId, { type: 'precommit', height, round, blockId: id });
    const extended = extensionSignBytes(header.chainId, { height, round, blockId: id, extension });
    const signature = sign(one.secret, vote);
    return [{ validator, signature, extension, extensionSignature: sign(one.secret, extended) }];
  });
  return { height, round, blockId: id, precommits };
}

/** A light block of a header that names these sets. */
export function lightBlock(request: {
  readonly header: Header;
  readonly set: readonly Member[];
  readonly next?: readonly Member[];
  readonly signers?: readonly Member[];
  readonly round?: number;
}): LightBlock {
  const { set, next } = request;
  const header = {
    ...request.header,
    validatorsHash: validatorsHash(validatorsOf(set)),
    nextValidatorsHash: validatorsHash(validatorsOf(next ?? set)),
  };
  return {
    header,
    commit: certify(header, set, request.signers, request.round),
    validators: validatorsOf(set),
    nextValidators: next === undefined ? null : validatorsOf(next),
  };
}

const numbered = (name: string, height: number): Hash => taggedHash(`test/${name}/${height}`, new Uint8Array(0));

export function bareHeader(height: number, lastBlockId: Hash, proposer: Member): Header {
  return {
    protocolVersion: 1,
    chainId: CHAIN_ID,
    height,
    time: 1_000_000 + 1_000 * height,
    lastBlockId,
    lastCommitRoot: ZERO_HASH,
    extensionsRoot: ZERO_HASH,
    validatorsHash: ZERO_HASH,
    nextValidatorsHash: ZERO_HASH,
    paramsHash: numbered('params', 0),
    stateRoot: numbered('state', height),
    resultsRoot: numbered('results', height),
    transactionsRoot: numbered('transactions', height),
    evidenceRoot: ZERO_HASH,
    beaconProof: new Uint8Array(80),
    proposer: proposer.validator.operator,
  };
}

/** Heights from 1; `setAt` may change the set at every height. Every member signs. */
export function bareChain(heights: number, setAt: (height: number) => readonly Member[]): readonly LightBlock[] {
  const blocks: LightBlock[] = [];
  for (let height = 1; height <= heights; height++) {
    const last = blocks.at(-1);
    const [set, next] = [setAt(height), setAt(height + 1)];
    const header = bareHeader(height, last === undefined ? ZERO_HASH : blockId(last.header), set[0]!);
    blocks.push(lightBlock({ header, set, next }));
  }
  return blocks;
}

/** A set of four that loses its oldest member and gains a new one every `every` heights. */
export function slidingSet(every: number): (height: number) => readonly Member[] {
  return (height) => {
    const first = Math.floor(height / every);
    return setOf(...[0, 1, 2, 3].map((offset) => member(String(first + offset), 10n)));
  };
}

/** The bytes with one bit turned. */
export function flipped(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte, index) => (index === 5 ? byte ^ 1 : byte));
}
