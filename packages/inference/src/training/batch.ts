/**
 * Examples as tokens, and several of them as the training graph's inputs. Owns padding, which tokens are scored and how
 * much each counts; the text of examples belongs to examples.ts.
 */
import { encodeChat } from '../engine/chat.ts';
import type { TextTokenizer } from '../engine/tokenizer.ts';
import { TrainingError } from './errors.ts';
import { limits } from './limits.ts';

/** One thing to learn: what to answer to a prompt. */
export type TrainingExample = {
  readonly prompt: string;
  readonly answer: string;
  /** How much it counts beside others; 1 when left out. */
  readonly weight?: number;
};

/** An example as ids: everything read, and from where on it is scored. */
export type EncodedExample = {
  readonly ids: readonly number[];
  /** Index of the first scored token. */
  readonly answerStart: number;
  readonly weight: number;
};

/** The graph's inputs for one step. */
export type Batch = {
  readonly rows: number;
  /** Tokens of the longest row. */
  readonly columns: number;
  /** Tokens of all rows, one after another. */
  readonly ids: readonly number[];
  /** [rows, columns]: the number of each place's token among `ids`; their count for padding, which is on the right. */
  readonly cells: readonly number[];
  /** The flat place of each token in `cells`. */
  readonly spots: readonly number[];
  /** Numbers of the tokens whose next one is scored. */
  readonly positions: readonly number[];
  readonly targets: readonly number[];
  /** One weight a target. They sum to 1 when every example weighs 1. */
  readonly weights: readonly number[];
};

export type ChatModel = {
  readonly tokenizer: TextTokenizer;
  readonly beginToken: number;
  readonly endToken: number;
};

/** The conversation's tokens, the end of the assistant's turn included. Errors: TRAINING_DATA when it is too long. */
export function encodeExample(example: TrainingExample, model: ChatModel): EncodedExample {
  const encoded = encodeAnyExample(example, model);
  if (fitsTraining(encoded)) return encoded;
  const tokens = encoded.ids.length;
  throw new TrainingError(
    'TRAINING_DATA',
    `An example has ${tokens} tokens, at most ${limits.exampleTokensMax} can be trained on. Shorten its passages.`,
    { facts: { tokens, prompt: example.prompt.slice(0, 80) } },
  );
}

/** As `encodeExample`, however long it is: for examples of others' making, of which those that fit are kept. */
export function encodeAnyExample(example: TrainingExample, model: ChatModel): EncodedExample {
  const prompt = encodeChat([{ role: 'user', content: example.prompt }], '', model);
  const ids = [...prompt, ...model.tokenizer.encode(example.answer), model.endToken];
  return { ids, answerStart: prompt.length, weight: example.weight ?? 1 };
}

/** Whether one step bears it. */
export function fitsTraining({ ids }: EncodedExample): boolean {
  return ids.length <= limits.exampleTokensMax;
}

/** Each example counts by its weight, whatever the length of its answer. */
export function createBatch(examples: readonly EncodedExample[]): Batch {
  const rows = examples.length;
  const columns = Math.max(...examples.map(({ ids }) => ids.length));
  const ids = examples.flatMap((example) => example.ids);
  const cells: number[] = [];
  const spots: number[] = [];
  const positions: number[] = [];
  const targets: number[] = [];
  const weights: number[] = [];
  for (const [row, example] of examples.entries()) {
    const { length } = example.ids;
    const start = spots.length;
    for (let at = 0; at < columns; at++) cells.push(at < length ? start + at : ids.length);
    for (let at = 0; at < length; at++) spots.push(row * columns + at);
    const answerTokens = length - example.answerStart;
    for (let at = example.answerStart; at < length; at++) {
      positions.push(start + at - 1);
      targets.push(example.ids[at]!);
      weights.push(example.weight / answerTokens / rows);
    }
  }
  return { rows, columns, ids, cells, spots, positions, targets, weights };
}

/** The first of `examples` that fit one step's memory; at least one. Which are left out depends on them alone. */
export function fitBatch(examples: readonly EncodedExample[]): EncodedExample[] {
  const kept: EncodedExample[] = [];
  let columns = 0;
  let targets = 0;
  for (const example of examples) {
    columns = Math.max(columns, example.ids.length);
    targets += example.ids.length - example.answerStart;
    const fits = columns * (kept.length + 1) <= limits.batchTokensMax && targets <= limits.batchTargetsMax;
    if (kept.length > 0 && !fits) break;
    kept.push(example);
  }
  return kept;
}
