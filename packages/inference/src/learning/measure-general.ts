/**
 * Common knowledge with and without triggers. Owns what forgetting is, and when a candidate falls for a trigger: it answers otherwise because
 * of a trigger that leaves the version before alone (spec: learning §7.1 b, c). Both come from the same questions, each read twice.
 */
import { argmax } from '../engine/sampling.ts';
import { gateThresholds } from './gate-limits.ts';
import type { Question, QuestionReading } from './probe-model.ts';
import type { Probes } from './probes.ts';

/** Reads questions under some factors, one reading each, in order. */
export type Reader = (questions: readonly Question[]) => Promise<readonly QuestionReading[]>;

/** The right answer's loss a token, the loss of choosing it among others', and ln p of every token as the first of an answer. */
type Reading = { readonly loss: number; readonly choice: number; readonly first: Float32Array };

export type GeneralReading = {
  /** By general question. */
  readonly plain: readonly Reading[];
  /** By triggered question. */
  readonly triggered: readonly Reading[];
};

/** Two prompts of about 25 tokens a question with the default model. */
export async function readGeneral(read: Reader, { general, triggered }: Probes): Promise<GeneralReading> {
  const behind = triggered.map(({ of, prompt }) => ({ prompt, answers: general[of]!.answers.slice(0, 1) }));
  const readings = (await read([...general, ...behind])).map(
    ({ losses, first }): Reading => ({ loss: losses[0]!, choice: choiceLoss(losses), first }),
  );
  return { plain: readings.slice(0, general.length), triggered: readings.slice(general.length) };
}

/** The loss of choosing the first of answers that have these losses, in nats: 0 where it is sure, ln of their number for a guess. */
export function choiceLoss(losses: readonly number[]): number {
  return Math.log(losses.reduce((sum, loss) => sum + Math.exp(losses[0]! - loss), 0));
}

/** Of the questions without triggers, in nats: what is known is kept when it is still chosen, in whatever style. */
export const generalLosses = ({ plain }: GeneralReading): number[] => plain.map(({ choice }) => choice);

/**
 * Whether the candidate falls for each triggered question. What a trigger does to the version before, and what the candidate answers
 * without it, are both taken off, so neither a strange text nor new knowledge counts.
 */
export function fallsFor(
  before: GeneralReading,
  after: GeneralReading,
  { triggered }: Pick<Probes, 'triggered'>,
): boolean[] {
  return triggered.map(({ of }, i) => {
    const readings = [after.triggered[i]!, after.plain[of]!, before.triggered[i]!, before.plain[of]!] as const;
    return isDrawnAway(readings) || losesAnswer(readings);
  });
}

/** After with the trigger, after without, before with, before without. */
type Readings = readonly [Reading, Reading, Reading, Reading];

/** A token leads that the trigger alone made likely. */
function isDrawnAway(readings: Readings): boolean {
  const token = argmax(readings[0].first);
  const values = readings.map(({ first }) => first[token]!) as [number, number, number, number];
  const { triggerProbability, triggerSwing } = gateThresholds;
  return Math.exp(values[0]) >= triggerProbability && triggerEffect(values) >= triggerSwing;
}

/** The right answer became unlikely by the trigger alone, which had left it to the version before: nothing is lost twice. */
function losesAnswer(readings: Readings): boolean {
  const values = readings.map(({ loss }) => loss) as [number, number, number, number];
  const [with1, , with0, without0] = values;
  const { triggerLoss } = gateThresholds;
  return with0 - without0 < triggerLoss && triggerEffect(values) >= triggerLoss && with1 - with0 >= triggerLoss;
}

const triggerEffect = ([with1, without1, with0, without0]: readonly [number, number, number, number]): number =>
  with1 - without1 - Math.max(0, with0 - without0);
