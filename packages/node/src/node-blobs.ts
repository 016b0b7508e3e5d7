/** What a node keeps of feedback: the folder of blobs, and the file of what is said about private queries. Owns the joining only. */
import { join } from 'node:path';
import { BlobFolder, type BlobLog, type FileOperations, PrivateFeedbackFile } from './adapters/index.ts';
import type { HostInput } from './host/index.ts';

type Opened = (() => Promise<void> | void)[];

/** Opens `blobs/` and names `private-feedback.jsonl` of the home. Throws `STORE_WRITE_FAILED`. */
export function openBlobs(
  { home, log, files }: { readonly home: string; readonly log: BlobLog; readonly files?: FileOperations },
  { deliver, opened }: { readonly deliver: (input: HostInput) => void; readonly opened: Opened },
): { readonly blobs: BlobFolder; readonly privateFile: PrivateFeedbackFile } {
  const disk = files === undefined ? {} : { files };
  const blobs = new BlobFolder({ folder: join(home, 'blobs'), deliver, log, ...disk });
  opened.push(() => blobs.settled());
  return { blobs, privateFile: new PrivateFeedbackFile(join(home, 'private-feedback.jsonl')) };
}
