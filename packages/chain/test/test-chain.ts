/**
 * A chain in memory for tests: real keys, real signatures, every block built, validated and applied by the package itself.
 * Owns no rule; a block that does not validate fails the test.
 */
import assert from 'node:assert/strict';
import {
  type Address,
  type Answer,
  type AppliedBlock,
  addressOf,
  answerCommitment,
  answerHash,
  answerText,
  applyBlock,
  type Block,
  type BuildBlockInput,
  beaconAlpha,
  buildBlock,
  type ChainEvent,
  type ChainParamsOverrides,
  consentSignBytes,
  createGenesis,
  createGenesisState,
  createSignatureCheck,
  DEFAULT_WINDOWS,
  type Evidence,
  type ExpertProfile,
  type ExtendedCommit,
  type ExtensionItem,
  eligibleGroups,
  encodeVoteExtension,
  extensionSignBytes,
  type Genesis,
  type GroupCheck,
  type GroupScore,
  genesisParent,
  type Hash,
  linkOf,
  type OperatorConsent,
  type ParentBlock,
  type Payload,
  PLAIN_TERMS,
  type PublicKey,
  parentOf,
  proposerAt,
  publicKeyOf,
  type QueryContract,
  type QueryState,
  readBeacon,
  readParams,
  readQuery,
  readValidatorRecord,
  readValidatorsAt,
  type ScoreItem,
  type StateTree,
  scoreCommitment,
  sha256,
  sign,
  type Transaction,
  type TransactionBody,
  transactionId,
  transactionSignBytes,
  type Validator,
  validateBlock,
  verifySignature,
  voteSignBytes,
  vrfProve,
} from '../src/index.ts';
import { drawHeight } from '../src/market/verification.ts';

export const CHAIN_ID = 'test-1';
export const MODEL_ID = 'ab'.repeat(32) as Hash;
export const ZERO = '0'.repeat(64) as Hash;
export const SYN = 1_000_000_000n;

export type Keys = {
  readonly secret: Uint8Array;
  readonly publicKey: ReturnType<typeof publicKeyOf>;
  readonly address: Address;
};

export function keysOf(name: string): Keys {
  const secret = sha256(new TextEncoder().encode(`test key ${name}`));
  const publicKey = publicKeyOf(secret);
  return { secret, publicKey, address: addressOf(publicKey) };
}

export type TestValidator = Keys & {
  readonly consensus: Keys;
  readonly vrf: Keys;
  readonly power: bigint;
  readonly expert: Keys;
};

export function createValidators(powers: readonly bigint[]): TestValidator[] {
  const validators = powers.map((power, index) => testValidator(`${index}`, power));
  return validators.sort((a, b) => (a.address < b.address ? -1 : 1));
}

export function testValidator(name: string, power: bigint): TestValidator {
  return {
    ...keysOf(`operator ${name}`),
    consensus: keysOf(`consensus ${name}`),
    vrf: keysOf(`vrf ${name}`),
    expert: keysOf(`expert ${name}`),
    power,
  };
}

/** The operator's agreement to an expert of its name. */
export function consentOf(operator: Keys, expert: Keys): OperatorConsent {
  const content = { operator: operator.address, expert: expert.address };
  return { publicKey: operator.publicKey, signature: sign(operator.secret, consentSignBytes(CHAIN_ID, content)) };
}

export function profileOf(operator: Address, overrides: Partial<ExpertProfile> = {}): ExpertProfile {
  return {
    name: 'generalist',
    operator,
    domain: 'general',
    modelId: MODEL_ID,
    modelName: 'tiny',
    knowledgeRoot: ZERO,
    knowledgeSize: 0,
    priceInPerByte: 10n,
    priceOutPerByte: 100n,
    priceQuotePerByte: 100n,
    capacity: 4,
    ...overrides,
  };
}

export const user: Keys = keysOf('user');

/** An account without balance at genesis. */
export const poor: Keys = keysOf('poor');

export type ChainOptions = {
  readonly powers?: readonly bigint[];
  readonly params?: ChainParamsOverrides;
  readonly profile?: Partial<ExpertProfile>;
  /** Gives the newcomers money at genesis. */
  readonly newcomers?: boolean;
};

/** What the next block is given besides what follows from the chain itself. */
export type NextBlock = {
  readonly transactions?: readonly Transaction[];
  /** Extension items by position of the validator. */
  readonly items?: ReadonlyMap<number, readonly ExtensionItem[]>;
  readonly evidence?: readonly Evidence[];
  /** Milliseconds after the parent; 500 unless given. */
  readonly afterMs?: number;
  /** Positions whose precommit is missing from the last commit. */
  readonly absent?: readonly number[];
  /** Round whose proposer makes the block; 0 unless given. */
  readonly round?: number;
};

export class TestChain {
  readonly genesis: Genesis;
  readonly validators: readonly TestValidator[];
  /** Keys of everybody who may be in a set: the validators of genesis, and newcomers with money of their own. */
  readonly newcomers: readonly TestValidator[] = ['new 0', 'new 1', 'new 2'].map((name) => testValidator(name, 0n));
  state: StateTree;
  parent: ParentBlock;
  block: Block | null = null;
  applied: AppliedBlock | null = null;
  readonly #keys = new Map<PublicKey, Keys>();
  #salts = 0;

  constructor(options: ChainOptions = {}) {
    this.validators = createValidators(options.powers ?? [10n, 10n, 10n, 10n]);
    this.genesis = createGenesis({
      chainId: CHAIN_ID,
      time: 1_000_000,
      // Nobody is verified unless a test asks for it.
      params: { ...options.params, market: { verificationShare: 0, ...options.params?.market } },
      validators: this.validators.map(({ address, consensus, vrf, power }) => ({
        operator: address,
        publicKey: consensus.publicKey,
        vrfKey: vrf.publicKey,
        power,
      })),
      accounts: [
        user,
        ...this.validators.map(({ expert }) => expert),
        ...(options.newcomers ? this.newcomers : []),
      ].map(({ address }) => ({
        address,
        balance: 1000n * SYN,
      })),
      experts: this.validators.map(({ address, expert }) => ({
        address: expert.address,
        publicKey: expert.publicKey,
        bond: 10n * SYN,
        profile: profileOf(address, options.profile),
      })),
    });
    for (const { consensus, vrf } of [...this.validators, ...this.newcomers]) this.learn(consensus, vrf);
    this.state = createGenesisState(this.genesis);
    this.parent = genesisParent(this.genesis);
  }

  get height(): number {
    return this.parent.height;
  }

  /** Makes the chain sign with these keys where a set names them. */
  learn(...keys: readonly Keys[]): void {
    for (const each of keys) this.#keys.set(each.publicKey, each);
  }

  /** The keys behind a public key in a set. */
  keysBehind(publicKey: PublicKey): Keys {
    const keys = this.#keys.get(publicKey);
    assert.ok(keys !== undefined, 'the key is known');
    return keys;
  }

  /** Keys of an expert: a validator's, or one of the two accounts that tests register. */
  expertKeys(expert: Address): Keys {
    const keys = [user, poor, ...this.validators.map((validator) => validator.expert)];
    return keys.find(({ address }) => address === expert)!;
  }

  transaction(sender: Keys, payload: Payload, overrides: Partial<TransactionBody> = {}): Transaction {
    this.#salts += 1;
    const salt = new Uint8Array(16);
    new DataView(salt.buffer).setUint32(0, this.#salts);
    const body: TransactionBody = {
      chainId: CHAIN_ID,
      sender: sender.publicKey,
      salt,
      validUntil: this.height + 100,
      maxBaseFeePerByte: 1000n,
      tip: 0n,
      payload,
      ...overrides,
    };
    return { body, signature: sign(sender.secret, transactionSignBytes(body)) };
  }

  transfer(from: Keys, to: Address, amount: bigint, overrides: Partial<TransactionBody> = {}): Transaction {
    return this.transaction(from, { type: 'transfer', to, amount }, overrides);
  }

  /** Inputs of the next block as its proposer would have them. */
  buildInput(next: NextBlock = {}): BuildBlockInput {
    const height = this.height + 1;
    const record = readValidatorRecord(this.state);
    const proposer = proposerAt(record, readParams(this.state), height, next.round ?? 0);
    const maker = record.validators.find(({ operator }) => operator === proposer)!;
    const alpha = beaconAlpha(readBeacon(this.state, this.height)!, height);
    return {
      state: this.state,
      parent: this.parent,
      lastCommit: this.block === null ? null : this.commit(next),
      transactions: next.transactions ?? [],
      isSignatureValid: createSignatureCheck(verifySignature),
      evidence: next.evidence ?? [],
      verify: verifySignature,
      time: this.parent.time + (next.afterMs ?? 500),
      beaconProof: vrfProve(this.keysBehind(maker.vrfKey).secret, alpha),
      proposer,
    };
  }

  commit({ items, absent }: NextBlock): ExtendedCommit {
    const { height, blockId } = this.parent;
    const precommits = this.setOf(height).flatMap(({ publicKey }, validator) => {
      const consensus = this.keysBehind(publicKey);
      if (absent?.includes(validator) === true) return [];
      const extension = encodeVoteExtension({ items: items?.get(validator) ?? [] });
      const vote = voteSignBytes(CHAIN_ID, { type: 'precommit', height, round: 0, blockId });
      const signed = extensionSignBytes(CHAIN_ID, { height, round: 0, blockId, extension });
      const signature = sign(consensus.secret, vote);
      return [{ validator, signature, extension, extensionSignature: sign(consensus.secret, signed) }];
    });
    return { height, round: 0, blockId, precommits };
  }

  keysOfValidator(operator: Address): TestValidator {
    return [...this.validators, ...this.newcomers].find(({ address }) => address === operator)!;
  }

  /** The set that decides a height. */
  setOf(height: number): readonly Validator[] {
    const set = readValidatorsAt(this.state, height);
    assert.ok(set !== null, `the set of height ${height} is known`);
    return set;
  }

  /** Checks a block as the next one. */
  validate(block: Block): ReturnType<typeof validateBlock> {
    return validateBlock(block, {
      state: this.state,
      parent: this.parent,
      verify: verifySignature,
      verifyCommit: (commit, set) => this.#verifyCommit(commit, set),
    });
  }

  /** Builds, validates and applies the next block. */
  next(next: NextBlock = {}): AppliedBlock {
    const { block } = buildBlock(this.buildInput(next));
    const verdict = this.validate(block);
    assert.ok(verdict.ok, verdict.ok ? '' : `${verdict.code} ${JSON.stringify(verdict.facts)}`);
    const applied = applyBlock(this.state, block, verdict.execution);
    assert.ok(applied.ok);
    this.state = applied.state;
    this.parent = parentOf(block.header, applied.results);
    this.block = block;
    this.applied = applied;
    return applied;
  }

  /** Codes of the transactions, applied in one block. */
  codes(...transactions: readonly Transaction[]): string[] {
    const { results } = this.next({ transactions });
    assert.equal(results.transactions.length, transactions.length, 'every candidate was taken');
    return results.transactions.map(({ code }) => code);
  }

  query(id: Hash): QueryState {
    const query = readQuery(this.state, id);
    assert.ok(query !== null);
    return query;
  }

  /** Opens a query and applies blocks until experts are selected. */
  open(contract: Partial<QueryContract> = {}, requester: Keys = user): Hash {
    const transaction = this.transaction(requester, { type: 'query.open', contract: this.contract(contract) });
    assert.deepEqual(this.codes(transaction), ['OK']);
    this.next();
    return transactionId(transaction.body);
  }

  contract(overrides: Partial<QueryContract> = {}): QueryContract {
    return {
      prompt: 'What is the capital of France?',
      domain: 'general',
      coordinator: this.validators[0]!.address,
      ...PLAIN_TERMS,
      respondents: 2,
      maxFee: 1_000_000n,
      threshold: 300_000,
      basePart: 200_000,
      ...DEFAULT_WINDOWS,
      ...overrides,
    };
  }

  /** Groups that the validator at this position may score. */
  eligible(id: Hash, position: number): number[] {
    return eligibleGroups(this.query(id), this.validators[position]!.address);
  }

  textOf(id: Hash, group: number): string {
    return answerText(this.query(id).groups[group]!.answer);
  }

  /** `answer.commit` of each respondent, in order of selection; null leaves one out. */
  commits(id: Hash, answers: readonly (Answer | null)[]): Transaction[] {
    return this.#perRespondent(id, answers, (expert, answer) => {
      const opening = {
        queryId: id,
        expert: expert.address,
        salt: saltOf(expert.address),
        answerHash: answerHash(answer),
        link: linkOf(this.query(id)),
      };
      return this.transaction(expert, { type: 'answer.commit', queryId: id, commitment: answerCommitment(opening) });
    });
  }

  /** `answer.reveal` of each respondent, in order of selection; null leaves one out. */
  reveals(id: Hash, answers: readonly (Answer | null)[]): Transaction[] {
    return this.#perRespondent(id, answers, (expert, answer) =>
      this.transaction(expert, { type: 'answer.reveal', queryId: id, salt: saltOf(expert.address), answer }),
    );
  }

  /** Commits and reveals, so that the query waits for scores and its verifiers are drawn. */
  answer(id: Hash, answers: readonly Answer[]): void {
    this.next({ transactions: this.commits(id, answers) });
    this.next({ transactions: this.reveals(id, answers) });
    assert.equal(this.query(id).phase, 'scoring');
    if (drawHeight(this.query(id)) > this.height) this.next();
  }

  scoreCommit(
    id: Hash,
    position: number,
    scores: readonly GroupScore[],
    checks: readonly GroupCheck[] = [],
  ): ScoreItem {
    const validator = this.validators[position]!.address;
    const commitment = scoreCommitment({ queryId: id, validator, salt: saltOf(validator), scores, checks });
    return { kind: 'score.commit', queryId: id, commitment };
  }

  scoreReveal(
    id: Hash,
    position: number,
    scores: readonly GroupScore[],
    checks: readonly GroupCheck[] = [],
  ): ScoreItem {
    return { kind: 'score.reveal', queryId: id, salt: saltOf(this.validators[position]!.address), scores, checks };
  }

  #perRespondent(
    id: Hash,
    answers: readonly (Answer | null)[],
    make: (expert: Keys, answer: Answer) => Transaction,
  ): Transaction[] {
    return this.query(id).respondents.flatMap(({ expert }, index) => {
      const answer = answers[index];
      return answer == null ? [] : [make(this.expertKeys(expert), answer)];
    });
  }

  #verifyCommit({ height, round, blockId, precommits }: ExtendedCommit, set: readonly Validator[]): boolean {
    let power = 0n;
    for (const { validator, signature, extension, extensionSignature } of precommits) {
      const { publicKey } = set[validator]!;
      const vote = voteSignBytes(CHAIN_ID, { type: 'precommit', height, round, blockId });
      if (!verifySignature(publicKey, vote, signature)) return false;
      const signed = extensionSignBytes(CHAIN_ID, { height, round, blockId, extension });
      if (!verifySignature(publicKey, signed, extensionSignature)) return false;
      power += set[validator]!.power;
    }
    return 3n * power > 2n * set.reduce((sum, validator) => sum + validator.power, 0n);
  }
}

/** An answer of one generated segment. */
export function generated(text: string, overrides: Partial<Answer> = {}): Answer {
  const tokens = [...text].map((_, index) => index);
  const segments = [{ kind: 'generated' as const, text, tokens, logProbabilities: tokens.map(() => 100) }];
  return { segments, modelId: MODEL_ID, promptTokens: 7, answerTokens: tokens.length, ...overrides };
}

export function eventTypes(events: readonly ChainEvent[]): string[] {
  return events.map(({ type }) => type);
}

export function saltOf(address: Address): Uint8Array {
  return sha256(new TextEncoder().encode(`salt ${address}`));
}
