/**
 * Recorded answers and scores as the parties of a market chain. Owns finding what was recorded: who answers what is decided by an expert's
 * role, which may change while the chain goes on.
 */
import {
  type Answer,
  answerText,
  explainSelection,
  type Hash,
  PassageTree,
  type Ppm,
  type QueryState,
  type QuoteSegment,
  type Receipt,
  type Segment,
  taggedHash,
} from '@synod/chain';
import { fraction } from '../judge/random.ts';
import { type ChainPlan, type ExpertPlan, MODEL_ID, nameOf, partyOf } from './market-chain.ts';
import { contractOf, type MarketRun, type Script, writtenAnswer } from './market-run.ts';
import { JUDGES } from './population.ts';
import { type RecordedAnswer, type RecordedQuestion, readRecordings } from './recording.ts';

/** Name on the chain and the recorded answerer or liar that it plays. */
export type Role = { readonly name: string; readonly plays: string };

export type Recordings = {
  readonly questions: readonly RecordedQuestion[];
  readonly byPrompt: ReadonlyMap<string, RecordedQuestion>;
  /** Every passage that anybody quoted in a domain, as one small knowledge: a recorded quote is proven against it. */
  readonly knowledge: ReadonlyMap<string, QuotedKnowledge>;
};

export type QuotedKnowledge = {
  readonly root: Hash;
  readonly size: number;
  quote(text: string, source: string): QuoteSegment;
};

export function loadRecordings(directory?: string): Recordings {
  const questions = readRecordings(directory);
  const domains = Map.groupBy(questions, ({ domain }) => domain as string);
  const knowledge = new Map([...domains].map(([name, own]) => [name, quotedKnowledge(own)] as const));
  return { questions, byPrompt: new Map(questions.map((one) => [one.question, one])), knowledge };
}

function quotedKnowledge(questions: readonly RecordedQuestion[]): QuotedKnowledge {
  const segments = questions.flatMap(({ answers }) => answers.flatMap((answer) => answer.segments));
  const quotes = segments.filter((segment) => segment.kind === 'quote');
  const passages = [...new Map(quotes.map(({ text, source }) => [`${text}\n${source}`, { text, source }])).values()];
  const index = new Map(passages.map(({ text, source }, at) => [`${text}\n${source}`, at]));
  const tree = new PassageTree(passages);
  return {
    root: tree.root,
    size: tree.size,
    quote(text, source) {
      const at = index.get(`${text}\n${source}`)!;
      return { kind: 'quote', text, source, index: at, proof: tree.proof(at, { text, source })! };
    },
  };
}

/** The recorded answer as the chain carries it; null where the worker wrote nothing, for then a node stays silent. */
export function chainAnswer(answer: RecordedAnswer, knowledge: QuotedKnowledge): Answer | null {
  if (answer.text === '') return null;
  if (answer.segments.length === 0) return writtenAnswer(answer.text);
  const segments = answer.segments.map((segment): Segment => {
    if (segment.kind === 'quote') return knowledge.quote(segment.text, segment.source);
    const { text, tokens, logProbabilities } = segment;
    return { kind: 'generated', text, tokens, logProbabilities };
  });
  const answerTokens = segments.reduce((sum, one) => sum + (one.kind === 'generated' ? one.tokens.length : 0), 0);
  return { segments, modelId: MODEL_ID, promptTokens: answer.promptTokens, answerTokens };
}

export function answerBy(question: RecordedQuestion, name: string): RecordedAnswer {
  const found = question.answers.find(({ expert }) => expert === name);
  if (found === undefined) throw new Error(`nothing was recorded of ${name} for ${question.id}`);
  return found;
}

/** An expert of the domain that can quote whatever was quoted there. */
export function expertOf({ knowledge }: Recordings, name: string, domain: string): ExpertPlan {
  const { root, size } = knowledge.get(domain)!;
  return { name, domain, ...(size === 0 ? {} : { knowledge: { root, size } }) };
}

/** Four scorers of equal power, each a judge. */
export const SCORERS: ChainPlan['scorers'] = JUDGES.map(({ name }) => ({ name, power: 10n }));

/** Experts say what their role said, scorers give what their judge gave. `roles` may be changed between queries. */
export function recordedScript({ byPrompt, knowledge }: Recordings, roles: ReadonlyMap<string, string>): Script {
  const of = (query: QueryState): RecordedQuestion => {
    const found = byPrompt.get(query.contract.prompt);
    if (found === undefined) throw new Error(`nothing was recorded for "${query.contract.prompt}"`);
    return found;
  };
  return {
    answer: (expert, query) => {
      const question = of(query);
      const recorded = answerBy(question, roles.get(expert) ?? expert);
      return chainAnswer(recorded, knowledge.get(question.domain)!);
    },
    score: (scorer, text, query): Ppm => {
      const found = of(query).answers.find((answer) => answer.text === text);
      if (found === undefined) throw new Error(`the text "${text}" was not recorded`);
      return found.scores[scorer]!;
    },
  };
}

/** The answer a requester gets: the best group's, as recorded. */
export function deliveredAnswer(receipt: Receipt, question: RecordedQuestion): RecordedAnswer | null {
  if (receipt.best === null) return null;
  const text = answerText(receipt.groups[receipt.best]!.answer);
  return question.answers.find((answer) => answer.text === text) ?? null;
}

/** Each expert's chance to be the first chosen for one more query in the domain, by name. */
export function sharesOf(run: MarketRun, domain: string): Map<string, number> {
  const { chain } = run;
  const contract = contractOf(partyOf(SCORERS[0]!.name).address, { prompt: 'What?', domain });
  const id = taggedHash('market/probe', new Uint8Array());
  const query = { id, requester: chain.requester.address, contract } as QueryState;
  const { candidates } = explainSelection(chain.state, query, id);
  const total = candidates.reduce((sum, { weight }) => sum + weight, 0n);
  const ppm = (weight: bigint) => Number((1_000_000n * weight) / total) / 1_000_000;
  return new Map(candidates.map(({ expert, weight }) => [nameOf(expert.address), ppm(weight)]));
}

/** How sure one may be that two lists of paired values differ: share of random sign flips with as large a mean difference. */
export function permutationP(differences: readonly number[], seed: string, rounds = 10_000): number {
  const observed = Math.abs(differences.reduce((sum, value) => sum + value, 0));
  let state = Math.floor(2 ** 32 * fraction(seed)) | 1;
  const bit = (): boolean => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state & 1) === 1;
  };
  let asLarge = 1;
  for (let round = 0; round < rounds; round++) {
    let sum = 0;
    for (const value of differences) sum += bit() ? value : -value;
    if (Math.abs(sum) >= observed - 1e-9) asLarge += 1;
  }
  return asLarge / (rounds + 1);
}
