/**
 * A second set of books, kept without the chain's ledger: what each block does to everybody's balance and to the base fee
 * follows from its transactions, receipts and epoch ends alone (spec: state §4, market §7, rewards §9). Owns that arithmetic and the promises about
 * a chain's history: no transaction twice, none out of its time, scores as committed, nobody punished twice.
 */
import {
  type Address,
  addressOf,
  type Block,
  type BlockResults,
  type ChainEvent,
  decodeVoteExtension,
  encodeTransaction,
  type Hash,
  listOpenQueries,
  listValidatorCandidates,
  offenders,
  type Receipt,
  readAccount,
  readBaseFee,
  readExpert,
  readParams,
  readPool,
  readQuery,
  readSupply,
  readValidatorsAt,
  type ScoreReveal,
  type StateTree,
  scoreCommitment,
  transactionId,
  type VerifyBeacon,
  type VoteOutcome,
} from '@synod/chain';
import { type Emission, EmissionModel } from './emission-model.ts';
import { FeedbackModel } from './feedback-model.ts';
import { loadProblem, selectionProblem, verifierProblem } from './market-checks.ts';
import { outcomeProblem } from './outcome-model.ts';
import { RootsModel } from './roots-model.ts';
import { RoundsModel } from './rounds-model.ts';
import { settlementProblem } from './settlement-model.ts';
import { StakeModel } from './stake-model.ts';
import { TurnsModel } from './turns-model.ts';

export type AppliedStep = {
  readonly before: StateTree;
  readonly after: StateTree;
  readonly block: Block;
  readonly results: BlockResults;
  readonly events: readonly ChainEvent[];
};

export class LedgerModel {
  readonly #included = new Set<Hash>();
  readonly #offenders = new Set<Address>();
  readonly rounds = new RoundsModel();
  readonly #emission = new EmissionModel();
  readonly #feedback = new FeedbackModel();
  readonly #stake = new StakeModel();
  readonly #turns = new TurnsModel();
  readonly #roots: RootsModel;
  /** First commitment and every reveal of a validator's scores, by query and validator. */
  readonly #commitments = new Map<string, Hash>();
  readonly #reveals = new Map<string, ScoreReveal[]>();
  /** Queries of the block before, in their order. */
  #opened: readonly Hash[] = [];
  /** Queries whose answers became final in it. */
  #closed: readonly Hash[] = [];

  constructor(verifyBeacon: VerifyBeacon) {
    this.#roots = new RootsModel(verifyBeacon);
  }

  /** What is wrong with a block of the reference chain, or null. Called once for each, in order. */
  problem(step: AppliedStep): string | null {
    const accused = step.block.evidence.flatMap(offenders);
    const isMisrevealed = step.events.some(({ type }) => type === 'score.misrevealed');
    const isForfeit = step.events.some((event) => event.type === 'params.decided' && isBurnt(event.outcome));
    const isSlashing = step.events.some(
      (event) => event.type === 'expert.slashed' || (event.type === 'query.disclosed' && event.slashed > 0n),
    );
    const isRoundOver = step.events.some(({ type }) => type === 'round.closed');
    const isDown = step.events.some(
      (event) => event.type === 'stake.burnt' || (event.type === 'validator.slashed' && event.amount > 0n),
    );
    const isPunishing =
      isDown ||
      isRoundOver ||
      isForfeit ||
      isMisrevealed ||
      isSlashing ||
      accused.some((operator) => !this.#offenders.has(operator));
    const unpunished = accused.find((operator) => !isBarred(step, operator));
    const repeated =
      unpunished === undefined ? this.#accuse(step.block) : `${unpunished} signed twice and is not barred`;
    const closed = this.#closed;
    this.#closed = step.events.flatMap((event) =>
      event.type === 'query.phase' && event.phase === 'scoring' ? [event.queryId] : [],
    );
    const emission = this.#emission.emission(step);
    const feedback = this.#feedback.book(step);
    return (
      this.#historyProblem(step) ??
      repeated ??
      this.#turnProblem(step) ??
      selectionProblem(step) ??
      this.rounds.problem(step) ??
      outcomeProblem(step) ??
      this.#stake.problem(step) ??
      this.#turns.problem(step) ??
      this.#roots.problem(step) ??
      verifierProblem(step, closed) ??
      loadProblem(step) ??
      feedback.problem ??
      feeProblem(step, { isPunishing, forfeited: feedback.burnt }) ??
      issueProblem(step, emission) ??
      poolProblem(step, emission) ??
      balanceProblem(step, emission) ??
      this.#scoreProblem(step)
    );
  }

  #historyProblem({ before, block }: AppliedStep): string | null {
    const { chainId, height } = block.header;
    const keyed = block.transactions.filter(({ body }) => /^validator\.(create|rotate)$/.test(body.payload.type));
    if (keyed.length > 16) return `${keyed.length} transactions bring keys`;
    for (const { body } of block.transactions) {
      const id = transactionId(body);
      if (this.#included.has(id)) return `transaction ${id} stands in two blocks`;
      this.#included.add(id);
      if (body.validUntil < height) return `transaction ${id} had expired at ${body.validUntil}`;
      if (body.chainId !== chainId) return `transaction ${id} is of the chain ${body.chainId}`;
      if (body.maxBaseFeePerByte < readBaseFee(before)) return `transaction ${id} pays less than the base fee`;
    }
    return null;
  }

  /** Queries are selected for in the order in which the block before opened them. */
  #turnProblem({ block, results, events }: AppliedStep): string | null {
    const is = events.flatMap((event) => (event.type === 'query.selected' ? [event.queryId] : []));
    const due = this.#opened.filter((id) => is.includes(id));
    this.#opened = block.transactions.flatMap(({ body }, index) =>
      body.payload.type === 'query.open' && results.transactions[index]?.code === 'OK' ? [transactionId(body)] : [],
    );
    return is.join() === due.join() ? null : `queries are selected for in the order ${is}, due ${due}`;
  }

  /** The first evidence bars for ever: a block takes none that accuses only those who are barred. */
  #accuse(block: Block): string | null {
    let problem: string | null = null;
    for (const evidence of block.evidence) {
      const accused = offenders(evidence);
      if (accused.every((operator) => this.#offenders.has(operator))) problem ??= `${accused.join()} is barred already`;
      for (const operator of accused) this.#offenders.add(operator);
    }
    return problem;
  }

  /** A score counts only when its validator had committed to it, and none is lost. */
  #scoreProblem({ before, after, block, results }: AppliedStep): string | null {
    const validators = readValidatorsAt(before, block.header.height - 1) ?? [];
    for (const { validator, extension } of block.lastCommit?.precommits ?? []) {
      const decoded = decodeVoteExtension(extension);
      const operator = validators[validator]?.operator;
      if (!decoded.ok || operator === undefined) return `extension ${validator} does not decode`;
      for (const item of decoded.value.items) {
        if (item.kind !== 'score.commit' && item.kind !== 'score.reveal') continue;
        const place = `${item.queryId}/${operator}`;
        const phase = readQuery(before, item.queryId)?.phase;
        if (item.kind === 'score.commit' && phase === 'scoring' && !this.#commitments.has(place))
          this.#commitments.set(place, item.commitment);
        if (item.kind === 'score.reveal' && phase === 'scoreRevealing')
          this.#reveals.set(place, [...(this.#reveals.get(place) ?? []), item]);
      }
    }
    for (const id of listOpenQueries(after)) {
      for (const { operator, commitment } of readQuery(after, id)?.scorers ?? []) {
        const first = this.#commitments.get(`${id}/${operator}`) ?? null;
        if (commitment !== null && commitment !== first)
          return `${operator} has committed to ${commitment} for ${id}, first to ${first}`;
      }
    }
    for (const receipt of results.receipts) {
      const query = readQuery(after, receipt.queryId);
      const [asking, leading] = [receipt.requester, receipt.contract.coordinator].map(
        (account) => readExpert(before, account)?.profile.operator ?? account,
      );
      const problem = this.#receiptProblem(receipt) ?? (query && settlementProblem(receipt, query, asking === leading));
      if (problem !== null) return problem;
    }
    return null;
  }

  #receiptProblem({ queryId, scores }: Receipt): string | null {
    for (const { validator, group, score } of scores) {
      const place = `${queryId}/${validator}`;
      const commitment = this.#commitments.get(place);
      const isOpened = (this.#reveals.get(place) ?? []).some(
        ({ salt, scores: opened, checks }) =>
          opened.some((one) => one.group === group && one.score === score) &&
          scoreCommitment({ queryId, validator, salt, scores: opened, checks }) === commitment,
      );
      if (!isOpened) return `the score ${score} of ${validator} for query ${queryId} was not committed to`;
    }
    return null;
  }
}

/** Who is accused pays in this very block, or has before, is barred for ever, and has no seat. */
function isBarred({ after }: AppliedStep, operator: Address): boolean {
  return readPool(after, operator)?.status === 'tombstoned' && !listValidatorCandidates(after).includes(operator);
}

/** What a block burns beside fees. */
type Forfeits = {
  /** True where somebody is punished, by an amount that is not reckoned here. */
  readonly isPunishing: boolean;
  /** Deposits of feedback that was lost. */
  readonly forfeited: bigint;
};

/** Burnt: bytes times base fee, lost deposits, and stake only of those not punished before; next base fee by the rule of state §4. */
function feeProblem({ before, after, block }: AppliedStep, { isPunishing, forfeited }: Forfeits): string | null {
  const baseFee = readBaseFee(before);
  const bytes = block.transactions.reduce((sum, transaction) => sum + encodeTransaction(transaction).length, 0);
  const burnt = readSupply(after).burnt - readSupply(before).burnt;
  if (!isPunishing && burnt !== BigInt(bytes) * baseFee + forfeited)
    return `${burnt} burnt for ${bytes} bytes at ${baseFee} and lost deposits of ${forfeited}`;
  const params = readParams(before);
  const target = BigInt(params.blockBytesTarget);
  const over = BigInt(bytes) - target;
  const moved = (baseFee * (over > target ? target : over < -target ? -target : over)) / target / 8n;
  const raised = over > 0n && moved < 1n ? 1n : moved;
  const next = baseFee + raised < params.baseFeePerByteMin ? params.baseFeePerByteMin : baseFee + raised;
  return readBaseFee(after) === next ? null : `base fee ${readBaseFee(after)} after ${baseFee}, due ${next}`;
}

const moneyPayloads: ReadonlySet<string> = new Set([
  'transfer',
  'query.open',
  'query.cancel',
  'answer.commit',
  'answer.reveal',
  'expert.update',
  'expert.pause',
  'expert.retire',
  'feedback.give',
  'expert.register',
  'expert.learn',
  'delta.commit',
  'delta.reveal',
  'model.rollback',
  'query.disclose',
  'calibration.reveal',
]);

/** A deposit that is not given back (spec: staking §8). */
function isBurnt(outcome: VoteOutcome): boolean {
  return outcome === 'vetoed' || outcome === 'noQuorum';
}

/**
 * Everybody's balance, from transactions and receipts. Blocks with other payloads, and those that end a vote, are left to
 * the recount of the supply.
 */
function balanceProblem(
  { before, after, block, results, events }: AppliedStep,
  { toAccounts }: Emission,
): string | null {
  if (events.some(({ type }) => type === 'params.decided' || type === 'round.closed')) return null;
  if (block.transactions.some(({ body }) => !moneyPayloads.has(body.payload.type))) return null;
  const baseFee = readBaseFee(before);
  const changes = new Map<Address, bigint>();
  const move = (account: Address, amount: bigint) => changes.set(account, (changes.get(account) ?? 0n) + amount);
  for (const [index, transaction] of block.transactions.entries()) {
    const { sender: key, tip, payload } = transaction.body;
    const sender = addressOf(key);
    move(sender, -(BigInt(encodeTransaction(transaction).length) * baseFee + tip));
    move(block.header.proposer, tip);
    if (results.transactions[index]?.code !== 'OK') continue;
    if (payload.type === 'transfer') {
      move(sender, -payload.amount);
      move(payload.to, payload.amount);
    } else if (payload.type === 'query.open') move(sender, -payload.contract.maxFee);
    else if (payload.type === 'expert.register') move(sender, -payload.bond);
    else if (payload.type === 'feedback.give') move(sender, -readParams(before).learning.feedbackDeposit);
  }
  for (const receipt of results.receipts) {
    const { requester, refund, cost, queryId, respondents, scorersPaid, contract, coordinatorPaid } = receipt;
    const escrow = readQuery(after, queryId)?.contract.maxFee;
    if (escrow !== cost + refund) return `query ${queryId} costs ${cost} and refunds ${refund} of ${escrow}`;
    move(requester, refund);
    for (const { expert, paid } of respondents) move(expert, paid);
    for (const { validator, paid } of scorersPaid) move(validator, paid);
    move(contract.coordinator, coordinatorPaid);
  }
  for (const event of events) {
    if (event.type === 'expert.released') move(event.expert, event.bond);
    if (event.type === 'stake.paid') move(event.delegator, event.amount);
  }
  for (const [account, amount] of toAccounts) move(account, amount);
  for (const { key } of after.entries()) {
    const account = key.startsWith('account/') ? (key.slice('account/'.length) as Address) : null;
    if (account === null || changes.has(account)) continue;
    changes.set(account, 0n);
  }
  for (const [account, change] of changes) {
    const moved = readAccount(after, account).balance - readAccount(before, account).balance;
    if (moved !== change) return `balance of ${account} moved by ${moved}, due ${change}`;
  }
  return null;
}

/** What scorers' pools hold is moved by their part of the emission alone, where nobody moves or loses stake in the block. */
function poolProblem({ before, after, events }: AppliedStep, { toPools }: Emission): string | null {
  if (events.some(({ type }) => /^(stake|validator)\./.test(type))) return null;
  for (const operator of listValidatorCandidates(after)) {
    const [was, is] = [readPool(before, operator)?.tokens ?? 0n, readPool(after, operator)?.tokens ?? 0n];
    const due = was + (toPools.get(operator) ?? 0n);
    if (is !== due) return `the pool of ${operator} holds ${is}, due ${due}`;
  }
  return null;
}

/** Money is made at the end of an epoch only, and just what it earned. */
function issueProblem({ before, after }: AppliedStep, { issued: due }: Emission): string | null {
  const issued = readSupply(after).issued - readSupply(before).issued;
  return issued === due ? null : `${issued} issued, due ${due}`;
}
