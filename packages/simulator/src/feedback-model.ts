/**
 * Feedback reckoned a second time (spec: learning §2, §3.4): who may give it, what is held for it, and what is burnt. No simulated
 * host keeps blobs, so nobody attests one: all of it is lost at its deadline. Owns that arithmetic over the reference chain.
 */
import {
  type Address,
  addressOf,
  type FeedbackGive,
  type Hash,
  type Height,
  readAsked,
  readParams,
} from '@synod/chain';
import type { AppliedStep } from './ledger-model.ts';

type Asked = { readonly requester: Address; readonly until: Height; readonly isTaken: boolean };

export type FeedbackBooks = {
  /** What is wrong, or null. */
  readonly problem: string | null;
  /** Deposits burnt by this block. */
  readonly burnt: bigint;
};

export class FeedbackModel {
  readonly #asked = new Map<Hash, Asked>();
  /** Deposits by the height that burns them. */
  readonly #held = new Map<Height, bigint[]>();

  /** Books one block. Called once for each, in order. */
  book({ before, after, block, results, events }: AppliedStep): FeedbackBooks {
    const { learning } = readParams(before);
    const { height } = block.header;
    const problems: string[] = [];
    for (const [index, { body }] of block.transactions.entries()) {
      if (body.payload.type !== 'feedback.give') continue;
      const due = this.#codeDue(body.payload, addressOf(body.sender), height);
      const code = results.transactions[index]?.code;
      if (code !== due) problems.push(`feedback about ${body.payload.queryId} ends as ${code}, due ${due}`);
      if (due !== 'OK') continue;
      const deadline = height + learning.attestHeights;
      this.#held.set(deadline, [...(this.#held.get(deadline) ?? []), learning.feedbackDeposit]);
    }
    for (const { queryId, requester, groups, settledAt } of results.receipts) {
      if (groups.length === 0) continue;
      this.#asked.set(queryId, { requester, until: settledAt + learning.feedbackWindow, isTaken: false });
    }
    const due = this.#held.get(height) ?? [];
    const lost = events.filter(({ type }) => type === 'blob.lost').length;
    if (lost !== due.length) problems.push(`${lost} blobs are given up, due ${due.length}`);
    if (events.some(({ type }) => type === 'blob.available')) problems.push('a blob that nobody holds is available');
    for (const [queryId, { until }] of this.#asked) {
      if ((readAsked(after, queryId) === null) !== height >= until)
        problems.push(`query ${queryId} takes feedback to ${until}, and height ${height} says otherwise`);
    }
    return { problem: problems[0] ?? null, burnt: due.reduce((sum, deposit) => sum + deposit, 0n) };
  }

  #codeDue({ queryId }: FeedbackGive, sender: Address, height: Height): string {
    const asked = this.#asked.get(queryId);
    if (asked === undefined || height > asked.until) return 'QUERY_UNKNOWN';
    if (asked.requester !== sender) return 'FEEDBACK_FOREIGN';
    if (asked.isTaken) return 'FEEDBACK_TWICE';
    this.#asked.set(queryId, { ...asked, isTaken: true });
    return 'OK';
  }
}
