/**
 * `synod expert train`: an adapter for a domain, from its knowledge and questions. Owns where files lie, what is shown and how an
 * interrupted training is taken up again; training itself is the inference package's, in a process of its own.
 */
import { existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { SynodError } from '@synod/chain';
import { type TrainingProgress, trainDomain } from '@synod/inference/training';
import { makeDirectory } from '@synod/node/make-directory';
import { findLocalExpert } from '../experts/find-domain.ts';
import { questionsFile } from '../experts/questions-file.ts';
import { trainableModel } from '../experts/trainable-model.ts';
import { stopSignal } from '../processes/stop-signals.ts';
import { adapterFile, displayPath } from '../settings/paths.ts';
import { parseCount } from '../settings/settings.ts';
import { SYNOD } from '../terminal/command-name.ts';
import { type CommonOptions, note, print, printJson } from '../terminal/output.ts';

export type ExpertTrainFlags = CommonOptions & {
  readonly knowledge?: string;
  readonly questions?: string;
  readonly seed?: string;
  readonly steps?: string;
  readonly resume?: boolean;
  readonly out?: string;
  readonly model: string;
};

const SEED_DEFAULT = 1;
const SEED_MAX = 2 ** 32 - 1;
const STEPS_MAX = 10_000;
/** Steps between two lines of progress. */
const NOTED_EVERY = 5;

export async function runExpertTrain(domain: string, flags: ExpertTrainFlags): Promise<void> {
  const signal = stopSignal();
  const { knowledge } = findLocalExpert(domain, { ...flags, adapter: 'none' });
  const questions = questionsFile(domain, flags.questions);
  const seed = flags.seed === undefined ? SEED_DEFAULT : parseCount(flags.seed, '--seed', { min: 0, max: SEED_MAX });
  const steps = flags.steps === undefined ? null : parseCount(flags.steps, '--steps', { min: 1, max: STEPS_MAX });
  const out = flags.out === undefined ? adapterFile(process.env, domain) : resolve(flags.out);
  const checkpoint = `${out}.checkpoint`;
  requireFile(out);
  requireWanted(checkpoint, flags.resume === true);
  makeDirectory(dirname(out));
  const directory = await trainableModel(flags.model, signal);
  const result = await interruptible(signal, checkpoint, () =>
    trainDomain({
      domain,
      folder: knowledge,
      questions,
      seed,
      ...(steps === null ? {} : { steps }),
      modelDirectory: directory,
      out,
      checkpoint,
      signal,
      onProgress: (progress) => flags.json || showProgress(progress),
    }),
  );
  const loss = result.losses.at(-1) ?? null;
  if (flags.json) {
    const { hash, about } = result;
    return printJson({
      domain,
      out,
      hash: `0x${hash}`,
      steps: about.steps,
      seed,
      loss,
      resumedSteps: result.resumedSteps,
    });
  }
  print(`✔ ${result.about.steps} steps   loss ${loss === null ? '–' : loss.toFixed(3)}   ${displayPath(out)}`);
  print(`  sha256 ${result.hash}`);
  print();
  print(`Ask with it:  ${SYNOD} expert ask ${domain} --adapter ${displayPath(out)} "…"`);
}

function showProgress({ step, steps, loss, tokensPerSecond, remainingMs }: TrainingProgress): void {
  if (step % NOTED_EVERY !== 0 && step !== steps) return;
  const left = `${Math.ceil(remainingMs / 1000)} s left`;
  note(`  … step ${step} of ${steps}   loss ${loss.toFixed(3)}   ${tokensPerSecond.toFixed(0)} tokens/s   ${left}`);
}

/** Told before the hours, not after them. */
function requireFile(out: string): void {
  if (!existsSync(out) || statSync(out).isFile()) return;
  throw new SynodError('USAGE', `--out ${displayPath(out)} is a folder. Name the file that the adapter is to be.`, {
    facts: { out },
  });
}

/** Nobody's hours are thrown away, nor taken up unasked. */
function requireWanted(checkpoint: string, isResumed: boolean): void {
  if (existsSync(checkpoint) === isResumed) return;
  const message = isResumed
    ? `There is no interrupted training to go on with at ${checkpoint}. Leave out --resume.`
    : `An interrupted training lies at ${checkpoint}. Go on with --resume, or delete that file to begin anew.`;
  throw new SynodError(isResumed ? 'NOT_FOUND' : 'TRAINING_INTERRUPTED', message, { facts: { checkpoint } });
}

async function interruptible<T>(signal: AbortSignal, checkpoint: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!signal.aborted) throw error;
    const next = existsSync(checkpoint)
      ? 'Go on with the same command and --resume.'
      : 'It had not begun: run it again.';
    throw new SynodError('INTERRUPTED', `Interrupted. ${next}`);
  }
}
