/** What a node learns with: blobs, versions' files and the learner's process. Owns the joining only. */
import { join } from 'node:path';
import { createLearner } from '@synod/inference/learning';
import type { Logger } from 'pino';
import { BlobFolder, openLearner, VersionFolder } from './adapters/index.ts';
import type { HostInput, HostPorts } from './host/index.ts';

export type NodeLearning = {
  readonly ports: Pick<HostPorts, 'blobs' | 'versions' | 'learner'>;
  readonly blobs: BlobFolder;
  /** Ends the learner's process and waits for what is being written. */
  close(): Promise<void>;
};

/** Opens `blobs` and `versions` of the home; without a model there is no learner. Throws `STORE_WRITE_FAILED`. */
export async function learningPorts(
  {
    home,
    modelDirectory,
    log,
  }: { readonly home: string; readonly modelDirectory: string | null; readonly log: Logger },
  { deliver }: { readonly deliver: (input: HostInput) => void },
): Promise<NodeLearning> {
  const blobs = new BlobFolder({ folder: join(home, 'blobs'), deliver, log });
  const versions = await VersionFolder.open({ folder: join(home, 'versions'), deliver, log });
  const learner =
    modelDirectory === null
      ? null
      : openLearner({
          modelDirectory,
          blobs: join(home, 'blobs'),
          versions,
          deliver,
          log,
          createProcess: createLearner,
        });
  return {
    ports: { blobs, versions, ...(learner === null ? {} : { learner }) },
    blobs,
    close: async () => {
      await learner?.close();
      await Promise.all([blobs.settled(), versions.settled()]);
    },
  };
}
