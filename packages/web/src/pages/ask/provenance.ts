/** Who answered, and how that came about, read off a settled query. Pure; amounts stay in nano. */
import type { QueryJson } from '@synod/rpc/client';

export type RespondentRow = {
  readonly expert: string;
  readonly name: string;
  readonly model: string;
  readonly version: number;
  /** Chance of being drawn first, 0 to 1; null where the draw is not told. */
  readonly weight: number | null;
  readonly score: string | null;
  /** Share of the final text, where several answers make it up. */
  readonly contribution: string | null;
  readonly tokens: number | null;
  readonly paid: string | null;
  readonly verdict: QueryJson['respondents'][number]['verdict'];
  /** Whether it gave the answer that won; null while none has. */
  readonly agrees: boolean | null;
};

/** The respondents, those who agree with the answer first, then by score. */
export function respondentRows(query: QueryJson): readonly RespondentRow[] {
  const total = query.candidates.reduce((sum, { weight }) => sum + Number(weight), 0);
  const weights = new Map(query.candidates.map(({ expert, weight }) => [expert, Number(weight)]));
  const shares = new Map(query.consolidated?.contributions.map(({ expert, share }) => [expert, share]));
  return query.respondents
    .map((respondent) => {
      const weight = weights.get(respondent.expert);
      return {
        expert: respondent.expert,
        name: respondent.name === '' ? 'an expert' : respondent.name,
        model: respondent.model,
        version: respondent.version,
        weight: weight === undefined || total === 0 ? null : weight / total,
        score: respondent.score,
        contribution: shares.get(respondent.expert) ?? null,
        tokens: respondent.tokens,
        paid: respondent.paid,
        verdict: respondent.verdict,
        agrees: query.answer === null || respondent.answer === null ? null : respondent.answer === query.answer,
      };
    })
    .sort((one, other) => rank(other) - rank(one));
}

function rank({ agrees, score }: Pick<RespondentRow, 'agrees' | 'score'>): number {
  return (agrees === true ? 2 : 0) + Number(score ?? 0);
}

/** Part of the respondents with an answer who gave the one that won, 0 to 1; null where there is nothing to agree on. */
export function agreement(query: QueryJson): number | null {
  const told = respondentRows(query).filter(({ agrees }) => agrees !== null);
  return told.length === 0 ? null : told.filter(({ agrees }) => agrees).length / told.length;
}

/** Tokens of all answers that were paid for; null where none is told. */
export function tokensInAll(query: QueryJson): number | null {
  const told = query.respondents.flatMap(({ tokens }) => (tokens === null ? [] : [tokens]));
  return told.length === 0 ? null : told.reduce((sum, tokens) => sum + tokens, 0);
}

export type Citation = {
  readonly number: number;
  readonly quote: string;
  readonly source: string;
  readonly passage: number;
};

export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'quote'; readonly text: string; readonly citation: number };

/** The answer in pieces with numbered citations; one passage of one source is one citation, however often it is quoted. */
export function citedAnswer(query: Pick<QueryJson, 'segments' | 'answer'>): {
  readonly pieces: readonly Piece[];
  readonly citations: readonly Citation[];
} {
  const citations: Citation[] = [];
  const pieces = query.segments.flatMap((segment): Piece[] => {
    if (segment.kind === 'sealed') return [];
    if (segment.kind === 'generated') return [{ kind: 'text', text: segment.text }];
    const { text, source, passage } = segment;
    let known = citations.find((one) => one.source === source && one.passage === passage);
    if (known === undefined) {
      known = { number: citations.length + 1, quote: text, source, passage };
      citations.push(known);
    }
    return [{ kind: 'quote', text, citation: known.number }];
  });
  if (pieces.length === 0 && query.answer !== null)
    return { pieces: [{ kind: 'text', text: query.answer }], citations };
  return { pieces, citations };
}

const groundings: Readonly<Record<NonNullable<QueryJson['grounding']>, string>> = {
  quoted: 'Every word stands in a source',
  mixed: 'Quotes with words of the model',
  refused: 'The expert says that it does not know',
  generated: "The model's own words, without a source",
  sealed: 'Private: only its read key shows it',
};

export function groundingText(grounding: QueryJson['grounding']): string | null {
  return grounding === null ? null : groundings[grounding];
}

const outcomes: Readonly<Record<NonNullable<QueryJson['outcome']>, string | null>> = {
  answered: null,
  belowThreshold: 'No answer reached the score that was asked for; only the base part was paid.',
  unscored: 'Nobody scored the answers in time, so they were paid without a score.',
  noAnswer: 'No expert answered in time. What was held back is refunded.',
  noExperts: 'No expert could be drawn. What was held back is refunded; ask again or name another domain.',
  cancelled: 'Stopped. What had been delivered was settled, the rest is refunded.',
};

const stopped: Readonly<Partial<typeof outcomes>> = {
  answered: 'You stopped it. What experts had delivered by then was judged and paid, the rest is refunded.',
  noAnswer: 'You stopped it. No expert had answered by then; what was held back is refunded.',
};

/** What is to be said about how it ended; null where it simply was answered. */
export function outcomeText(outcome: QueryJson['outcome'], wasStopped: boolean): string | null {
  if (outcome === null) return null;
  return (wasStopped ? stopped[outcome] : undefined) ?? outcomes[outcome];
}
