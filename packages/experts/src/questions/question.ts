/** One benchmark question. Owns the shape of a line of questions.jsonl, hand.jsonl and practice.jsonl (spec: knowledge §6). */
import type { Split } from './split.ts';

export type Question = {
  readonly id: string;
  readonly domain: string;
  readonly question: string;
  readonly subject: string;
  readonly relation: string;
  /** Any of these in an answer makes it right; empty when the question has no answer. */
  readonly gold: readonly string[];
  /** True for symbols and codes, where `CO` is not `Co`. */
  readonly caseSensitive: boolean;
  readonly kind: 'template' | 'hand';
  readonly split: Split;
  readonly author: string;
  /** Where the gold comes from: title and licence. */
  readonly source: string;
  /** Text of the passage that bears the answer out, or null. */
  readonly passage: string | null;
  /** Why an expert should refuse: the relation is not held, or the entity does not exist. Null for answerable questions. */
  readonly unanswerable: 'relation' | 'entity' | null;
};
