/**
 * What a query's events add up to for a chat client: the provisional text, the final answers in order, usage and receipt (spec: openai §4).
 */
import { answerText, type Hash, type Receipt, type Segment, SynodError } from '@synod/chain';
import { type ExpertLookup, type QueryJson, queryJson } from '../json/query.ts';
import { decimal, hexOf, synText } from '../json/scalars.ts';
import type { QueryView } from '../node-api.ts';
import type { FollowedEvent } from './follow.ts';
import type { AnswerObject } from './response-format.ts';

export type Usage = {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  /** Nano, as a decimal string. */
  readonly cost: string;
  readonly cost_details: { readonly unit: 'nano'; readonly syn: string };
};

export type ReceiptJson = Readonly<Record<string, unknown>> & {
  readonly query_id: string;
  readonly finalized: boolean;
  readonly provisional: boolean;
};

/** One respondent's answer. */
export type RankedAnswer = AnswerObject & {
  readonly expert: string;
  /** Null where its expert is no longer registered. */
  readonly modelId: Hash | null;
  readonly tokens: number;
  /** As the chain recorded it; null before that. */
  readonly segments: readonly Segment[] | null;
};

/** Collects the events of one query. */
export class AnswerCollector {
  readonly #queryId: string;
  readonly #expertOf: ExpertLookup;
  #expert: string | null = null;
  #provisional = '';
  #provisionalTokens = 0;
  #view: QueryView | null = null;

  constructor(queryId: string, expertOf: ExpertLookup) {
    this.#queryId = queryId;
    this.#expertOf = expertOf;
  }

  /** Takes an event and returns the text it adds to the stream. Throws what `failed` says. */
  onEvent(event: FollowedEvent): string {
    if (event.kind === 'failed') throw new SynodError(event.code, event.message);
    if (event.kind === 'final') this.#view = event.view;
    if (event.kind !== 'token') return '';
    // Only the expert that began streams; another's text would not continue it.
    this.#expert ??= event.expert;
    if (event.expert !== this.#expert) return '';
    this.#provisional += event.text;
    this.#provisionalTokens++;
    return event.text;
  }

  /** Text that came before the end. */
  get provisional(): string {
    return this.#provisional;
  }

  /** Whose text comes before the end; null until some came. */
  get provisionalExpert(): string | null {
    return this.#expert;
  }

  /**
   * The answers, the best first and each respondent's once; before the end what came by then. Throws `NO_EXPERT`, `NO_ANSWER`,
   * `QUERY_CANCELLED` or `ANSWER_TIMEOUT` when there is none.
   */
  answers(): readonly RankedAnswer[] {
    const receipt = this.#view?.receipt ?? null;
    const ranked = receipt === null ? [] : rankedAnswers(receipt);
    if (ranked.length > 0) return ranked;
    if (this.#view !== null) throw noAnswer(this.#view);
    if (this.#expert !== null && this.#provisional !== '') return [this.#unfinished(this.#expert)];
    throw new SynodError(
      'ANSWER_TIMEOUT',
      `No expert has answered yet. The query stays open: GET /v1/queries/${hexOf(this.#queryId)} tells how it ends.`,
    );
  }

  /** Tokens of the answers shown, and the query's cost; before the end, what came by then. */
  usage(shown: readonly RankedAnswer[]): Usage {
    const receipt = this.#view?.receipt ?? null;
    const best = receipt === null || receipt.best === null ? undefined : receipt.groups[receipt.best]?.answer;
    const promptTokens = best?.promptTokens ?? 0;
    const completionTokens = shown.reduce((sum, { tokens }) => sum + tokens, 0);
    const cost = receipt?.cost ?? 0n;
    return {
      prompt_tokens: promptTokens,
      completion_tokens: completionTokens,
      total_tokens: promptTokens + completionTokens,
      cost: decimal(cost),
      cost_details: { unit: 'nano', syn: synText(cost) },
    };
  }

  /**
   * The receipt for `x_receipt`. `shown` is the whole text of which the client has the first choice: when the final best answer is
   * another, `provisional` is true and `answer` holds the final one. Before finality `finalized` is false and what is known is given.
   */
  receipt(shown: string): ReceiptJson {
    const query = this.#view === null ? null : queryJson(this.#view, this.#expertOf);
    if (query === null) return { query_id: hexOf(this.#queryId), finalized: false, provisional: true };
    return receiptJson(query, shown);
  }

  #unfinished(expert: string): RankedAnswer {
    return {
      expert,
      modelId: this.#expertOf(expert)?.profile.modelId ?? null,
      tokens: this.#provisionalTokens,
      segments: null,
      answer: this.#provisional,
      citations: [],
      confidence: null,
    };
  }
}

/** Best group first, then by score; equal texts of several respondents are several answers. Sealed ones are nobody's to show. */
function rankedAnswers({ groups, respondents, best }: Receipt): RankedAnswer[] {
  const scoreOf = (group: number) => respondents[groups[group]?.members[0] ?? -1]?.score ?? -1;
  const order = [...groups.keys()].sort(
    (a, b) => Number(b === best) - Number(a === best) || scoreOf(b) - scoreOf(a) || a - b,
  );
  return order.flatMap((index) => {
    const group = groups[index];
    if (group === undefined || group.answer.segments.some(({ kind }) => kind === 'sealed')) return [];
    return group.members.flatMap((member) => {
      const respondent = respondents[member];
      if (respondent === undefined) return [];
      const answer: RankedAnswer = {
        expert: respondent.expert,
        modelId: respondent.modelId,
        tokens: group.answer.answerTokens,
        segments: group.answer.segments,
        answer: answerText(group.answer),
        citations: group.answer.segments.flatMap((segment) =>
          segment.kind === 'quote' ? [{ text: segment.text, source: segment.source, passage: segment.index }] : [],
        ),
        confidence: respondent.score === null ? null : respondent.score / 1_000_000,
      };
      return [answer];
    });
  });
}

function receiptJson(query: QueryJson, shown: string): ReceiptJson {
  const another = query.answer !== null && query.answer !== shown;
  return {
    query_id: query.queryId,
    outcome: query.outcome,
    domain: query.domain,
    grounding: query.grounding,
    confidence: query.confidence,
    citations: query.segments.flatMap((segment) =>
      segment.kind === 'quote' ? [{ text: segment.text, source: segment.source, passage: segment.passage }] : [],
    ),
    experts: query.respondents.map(({ expert, name, model, version, score, tokens, paid }) => ({
      id: expert,
      name,
      model,
      version,
      score,
      tokens,
      paid,
    })),
    scores: query.scores,
    cost: query.cost,
    refund: query.refund,
    block: query.receipt === null ? null : { height: query.receipt.height, hash: query.receipt.blockHash },
    finalized: query.receipt?.finalized ?? false,
    provisional: another,
    ...(another ? { answer: query.answer } : {}),
  };
}

function noAnswer({ receipt }: QueryView): SynodError {
  if (receipt?.outcome === 'noExperts') {
    return new SynodError(
      'NO_EXPERT',
      'No expert could be selected for this question. The escrow was refunded; ask again later.',
    );
  }
  if (receipt?.outcome === 'cancelled') {
    return new SynodError(
      'QUERY_CANCELLED',
      'The query was ended early, before anybody answered. The escrow was refunded; ask again.',
    );
  }
  return new SynodError('NO_ANSWER', 'No expert delivered an answer in time. The escrow was refunded; ask again.');
}
