/** How a running job meets the rest of the worker between two forward passes. Owns the shape and the one check. */
import { EngineError } from './errors.ts';

export type JobControl = {
  /** Aborted when the caller takes the job back. */
  readonly signal: AbortSignal;
  /** Called between forward passes; more urgent jobs may run to their end before it resolves. */
  checkpoint(): Promise<void>;
};

/** Lets more urgent work pass, then throws CANCELLED if this job was taken back meanwhile. */
export async function passCheckpoint(control: JobControl): Promise<void> {
  await control.checkpoint();
  if (control.signal.aborted) throw new EngineError('CANCELLED', 'The job was cancelled by its caller.');
}
