/**
 * Queries through the market chain: experts answer and scorers score as scripts say, at their duties, in commit and reveal. Owns doing the
 * duties in order; what is answered and scored is the caller's.
 */
import {
  type Address,
  type Answer,
  answerCommitment,
  answerHash,
  answerText,
  DEFAULT_WINDOWS,
  eligibleGroups,
  type GroupCheck,
  groupsToVerify,
  type Hash,
  linkOf,
  PLAIN_TERMS,
  type Ppm,
  pendingWork,
  type QueryContract,
  type QueryState,
  type Receipt,
  type ScoreItem,
  scoreCommitment,
  sha256,
  type Transaction,
} from '@synod/chain';
import { type ChainPlan, type ExpertPlan, MarketChain, MODEL_ID, nameOf, partyOf, SYN } from './market-chain.ts';

/** What a party does; null stays silent. */
export type Script = {
  readonly answer: (expert: string, query: QueryState) => Answer | null;
  readonly score: (scorer: string, text: string, query: QueryState) => Ppm | null;
};

/** Blocks within which a query must settle, or the harness is broken. */
const BLOCKS_MAX = 400;

export class MarketRun {
  readonly chain: MarketChain;
  readonly #plan: ChainPlan;
  readonly #experts: string[];
  readonly #script: Script;
  readonly #coordinator: Address;

  constructor(plan: ChainPlan, script: Script) {
    this.chain = MarketChain.start(plan);
    this.#plan = plan;
    this.#experts = plan.experts.map(({ name }) => name);
    this.#script = script;
    this.#coordinator = partyOf(plan.scorers[0]!.name).address;
  }

  /** Opens one query and follows it to its receipt. */
  ask(terms: Pick<QueryContract, 'prompt' | 'domain'> & Partial<QueryContract>): Receipt {
    const { transaction, id } = this.chain.transaction(this.chain.requester, {
      type: 'query.open',
      contract: contractOf(this.#coordinator, terms),
    });
    let receipt = this.step([transaction]).get(id);
    for (let i = 0; i < BLOCKS_MAX && receipt === undefined; i++) receipt = this.step().get(id);
    if (receipt === undefined) throw new Error(`query ${id} did not settle within ${BLOCKS_MAX} blocks`);
    return receipt;
  }

  /** Registers another expert, which then does its duties like the rest. */
  join(plan: ExpertPlan): void {
    this.#experts.push(plan.name);
    this.step([this.chain.register(plan)]);
  }

  /** One block with every duty done; receipts by query. */
  step(extra: readonly Transaction[] = []): Map<Hash, Receipt> {
    const { codes, refused, receipts } = this.chain.next({
      transactions: [...extra, ...this.#answers()],
      items: this.#scores(),
    });
    const bad = [...refused, ...codes].find((code) => code !== 'OK');
    if (bad !== undefined) throw new Error(`a transaction came to ${bad} at height ${this.chain.height}`);
    return new Map(receipts.map((receipt) => [receipt.queryId, receipt]));
  }

  #answers(): Transaction[] {
    const experts = this.#experts.map((name) => partyOf(name).address);
    const work = pendingWork(this.chain.state, { operator: this.#coordinator, experts });
    const commits = work.answer.flatMap(({ query, expert }) => {
      const answer = this.#answer(query, expert);
      if (answer === null) return [];
      const bound = { answerHash: answerHash(answer), link: linkOf(query) };
      const opening = { queryId: query.id, expert, salt: saltOf(expert), ...bound };
      const payload = { type: 'answer.commit', queryId: query.id, commitment: answerCommitment(opening) } as const;
      return [this.chain.transaction(partyOf(nameOf(expert)), payload).transaction];
    });
    const reveals = work.revealAnswer.flatMap(({ query, expert }) => {
      const answer = this.#answer(query, expert);
      if (answer === null) return [];
      const payload = { type: 'answer.reveal', queryId: query.id, salt: saltOf(expert), answer } as const;
      return [this.chain.transaction(partyOf(nameOf(expert)), payload).transaction];
    });
    return [...commits, ...reveals];
  }

  #answer(query: QueryState, expert: Address): Answer | null {
    return this.#script.answer(nameOf(expert), query);
  }

  #scores(): Map<string, ScoreItem[]> {
    const items = new Map<string, ScoreItem[]>();
    for (const { name } of this.#plan.scorers) {
      const operator = partyOf(name).address;
      const work = pendingWork(this.chain.state, { operator, experts: [] });
      const commits = work.score.flatMap(({ query }): ScoreItem[] => {
        const scores = this.#given(name, query);
        if (scores === null) return [];
        const opening = {
          queryId: query.id,
          validator: operator,
          salt: saltOf(operator),
          scores,
          checks: checksOf(query, operator),
        };
        return [{ kind: 'score.commit', queryId: query.id, commitment: scoreCommitment(opening) }];
      });
      const reveals = work.revealScores.flatMap(({ query }): ScoreItem[] => {
        const scores = this.#given(name, query);
        const opening = { queryId: query.id, salt: saltOf(operator), checks: checksOf(query, operator) };
        return scores === null ? [] : [{ kind: 'score.reveal', ...opening, scores }];
      });
      items.set(name, [...commits, ...reveals]);
    }
    return items;
  }

  #given(scorer: string, query: QueryState) {
    const groups = eligibleGroups(query, partyOf(scorer).address);
    const scores = groups.map((group) => {
      const text = answerText(query.groups[group]!.answer);
      return { group, score: this.#script.score(scorer, text, query) };
    });
    return scores.every((one): one is { group: number; score: Ppm } => one.score !== null) ? scores : null;
  }
}

/** Whoever is drawn to verify finds nothing: substitutes are another benchmark's. */
const checksOf = (query: QueryState, operator: Address): GroupCheck[] =>
  groupsToVerify(query, operator).map((group) => ({ group, verdict: 'match', distanceMilli: 0 }));

/** One generated segment with a token's evidence. */
export function writtenAnswer(text: string): Answer {
  const segments = [{ kind: 'generated' as const, text, tokens: [0], logProbabilities: [0] }];
  return { segments, modelId: MODEL_ID, promptTokens: 0, answerTokens: 1 };
}

export function contractOf(
  coordinator: Address,
  terms: Pick<QueryContract, 'prompt' | 'domain'> & Partial<QueryContract>,
): QueryContract {
  return {
    coordinator,
    ...PLAIN_TERMS,
    respondents: 1,
    maxFee: SYN,
    threshold: 300_000,
    basePart: 200_000,
    ...DEFAULT_WINDOWS,
    ...terms,
  };
}

function saltOf(address: Address): Uint8Array {
  return sha256(new TextEncoder().encode(`salt ${address}`));
}
