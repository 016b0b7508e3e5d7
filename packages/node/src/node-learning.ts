/** What a node learns with: versions' files and the learner's process. Owns the joining only. */
import { join } from 'node:path';
import { createLearner } from '@synod/inference/learning';
import type { Logger } from 'pino';
import { openLearner, VersionFolder } from './adapters/index.ts';
import type { HostInput, HostPorts } from './host/index.ts';

type Opened = (() => Promise<void> | void)[];

/** Opens `versions/` of the home; without a model there is no learner. Throws `STORE_WRITE_FAILED`. */
export async function openLearning(
  {
    home,
    modelDirectory,
    log,
  }: { readonly home: string; readonly modelDirectory: string | null; readonly log: Logger },
  { deliver, opened }: { readonly deliver: (input: HostInput) => void; readonly opened: Opened },
): Promise<Pick<HostPorts, 'versions' | 'learner'>> {
  const versions = await VersionFolder.open({ folder: join(home, 'versions'), deliver, log });
  opened.push(() => versions.settled());
  if (modelDirectory === null) return { versions };
  const blobs = join(home, 'blobs');
  const learner = openLearner({ modelDirectory, blobs, versions, deliver, log, createProcess: createLearner });
  opened.push(() => learner.close());
  return { versions, learner };
}
