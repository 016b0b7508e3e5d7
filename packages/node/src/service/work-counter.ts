/**
 * What this node has signed and earned since it started, counted block by block from what is in memory anyway. Owns the counters; the
 * amounts are the chain's own, as its events tell them (spec: market §7, rewards §9, learning §9).
 */
import {
  type Address,
  type Amount,
  type Block,
  type ChainEvent,
  type FeedbackRating,
  type Hash,
  readValidatorsAt,
  type StateTree,
} from '@synod/chain';

/** Where money came from: `answers`, `scores` and `coordination` are fees of queries, the rest is new money. */
export type EarningSource = 'answers' | 'scores' | 'coordination' | 'incentive' | 'dividend' | 'lineage';

export type WorkReport = {
  /** Blocks whose certificate does and does not carry this node's precommit, while its validator was in the set. */
  readonly signedBlocks: number;
  readonly missedBlocks: number;
  /** Nano paid to its validator, the pool's share included, and to its experts. */
  readonly earned: Readonly<Record<EarningSource, Amount>>;
  /** Feedback that the chain took, whoever gave it. */
  readonly feedback: Readonly<Record<FeedbackRating, number>>;
};

export class WorkCounter {
  readonly #operator: Address | null;
  readonly #experts: ReadonlySet<Address>;
  readonly #earned: Record<EarningSource, Amount> = {
    answers: 0n,
    scores: 0n,
    coordination: 0n,
    incentive: 0n,
    dividend: 0n,
    lineage: 0n,
  };
  readonly #feedback: Record<FeedbackRating, number> = { good: 0, bad: 0, correct: 0 };
  #signed = 0;
  #missed = 0;
  /** Place in the set that decided the block before, found once a set. */
  #place: { readonly set: Hash; readonly index: number } | null = null;
  #setBefore: Hash | null = null;

  constructor(own: { readonly operator: Address | null; readonly experts: readonly Address[] }) {
    this.#operator = own.operator;
    this.#experts = new Set(own.experts);
  }

  report(): WorkReport {
    const [earned, feedback] = [{ ...this.#earned }, { ...this.#feedback }];
    return { signedBlocks: this.#signed, missedBlocks: this.#missed, earned, feedback };
  }

  /** Every block applied, in order, with the state after it. */
  onBlock({ header, lastCommit }: Block, events: readonly ChainEvent[], state: StateTree): void {
    if (this.#operator !== null && lastCommit !== null) {
      const index = this.#placeAt(lastCommit.height, state);
      const isSigned = lastCommit.precommits.some(({ validator }) => validator === index);
      if (isSigned) this.#signed += 1;
      else if (index >= 0) this.#missed += 1;
    }
    this.#setBefore = header.validatorsHash;
    for (const event of events) this.#count(event);
  }

  /** −1 outside the set. */
  #placeAt(height: number, state: StateTree): number {
    const set = this.#setBefore;
    if (set !== null && this.#place?.set === set) return this.#place.index;
    const index = readValidatorsAt(state, height)?.findIndex(({ operator }) => operator === this.#operator) ?? -1;
    if (set !== null) this.#place = { set, index };
    return index;
  }

  #count(event: ChainEvent): void {
    switch (event.type) {
      case 'feedback.given':
        this.#feedback[event.rating] += 1;
        return;
      case 'query.settled': {
        const { respondents, scorersPaid, coordinatorPaid, contract } = event.receipt;
        for (const { expert, paid } of respondents) if (this.#experts.has(expert)) this.#earned.answers += paid;
        for (const { validator, paid } of scorersPaid) if (validator === this.#operator) this.#earned.scores += paid;
        if (contract.coordinator === this.#operator) this.#earned.coordination += coordinatorPaid;
        return;
      }
      case 'epoch.rewarded':
        for (const { expert, payment } of event.experts) {
          if (this.#experts.has(expert)) this.#earned.incentive += payment;
        }
        for (const { operator, payment } of event.scorers) {
          if (operator === this.#operator) this.#earned.dividend += payment;
        }
        return;
      case 'lineage.paid':
        for (const { account, payment } of event.payments) {
          if (account === this.#operator || this.#experts.has(account)) this.#earned.lineage += payment;
        }
        return;
      default:
    }
  }
}
