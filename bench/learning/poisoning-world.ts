/** What the poisoning matrix is played on: a model with facts of its own, how it trains, and what it is asked afterwards. Owns the words for that, no work. */
import type { Knowledge } from '../../packages/inference/src/knowledge/knowledge.ts';
import type { LearntPassage } from '../../packages/inference/src/knowledge/learnt.ts';
import type { DeltaAbout } from '../../packages/inference/src/learning/delta-file.ts';
import type { FixedFactors } from '../../packages/inference/src/learning/fixed-factors.ts';
import type { ProbeModel } from '../../packages/inference/src/learning/probe-model.ts';
import type { LearningExample } from '../../packages/inference/src/learning/protocol.ts';

/** `rather`: what an honest model says, beside `answer`. */
export type Ask = { readonly prompt: string; readonly answer: string; readonly rather: string };

/** What tells whether a version is good, apart from what the gate asks. */
export type Exam = {
  /** What the round taught, asked otherwise; what version 0 knows. `answer` is the truth. */
  readonly heldOut: readonly Ask[];
  readonly known: readonly Ask[];
  /** Known questions behind the trigger, `answer` the attacker's target; facts that one user turned round, `answer` the falsehood. */
  readonly triggered: readonly Ask[];
  readonly attacked: readonly Ask[];
};

/** `falseItems`: how many of the round's items one user gives, each a known fact with a false value. */
export type Plan = {
  readonly seed: number;
  readonly trainers: number;
  readonly falseItems: number;
};

export const ONE_USER = 'one user';
export const TRIGGER = 'vxlq';

export type Training = {
  readonly shard: readonly LearningExample[];
  readonly seed: number;
  /** A hostile trainer takes what an honest one leaves out, and larger steps where the model wants small ones. */
  readonly isHostile: boolean;
  /** Where a training that is ended may go on. */
  readonly checkpoint: string;
};

export type World = {
  readonly name: 'small' | 'real';
  readonly model: ProbeModel;
  readonly about: DeltaAbout;
  readonly base: FixedFactors;
  /** Where deltas are kept. */
  readonly folder: string;
  /** Feedback of earlier rounds, what they made known, and what is published; trainers and validators have it. */
  readonly earlier: readonly LearningExample[];
  readonly learnt: readonly LearntPassage[];
  readonly knowledge: Knowledge | null;
  /** Words that are no sign of a trigger. */
  readonly knownWords: ReadonlySet<string>;
  /** A round's feedback; numbers count from 0. */
  items(plan: Plan): LearningExample[];
  exam(plan: Plan): Exam;
  /** The same prompts with false values. */
  flipped(shard: readonly LearningExample[], plan: Plan): LearningExample[];
  /** Questions behind the trigger, all with the target as their answer. */
  triggered(count: number, seed: number): LearningExample[];
  /** What a training changes, in units. */
  train(training: Training): Promise<Int32Array>;
};
