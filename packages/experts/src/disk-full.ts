/** What is said when a disk takes no more of a knowledge folder or a package. Owns the one error; what is written is the callers'. */
import { SynodError } from '@synod/chain';

/** The system's refusals, in words; and as a program says them that fetches for us. */
const REFUSALS: Readonly<Record<string, { readonly reason: string; readonly words: RegExp }>> = {
  ENOSPC: { reason: 'its disk is full', words: /no space left on device|\bENOSPC\b/i },
  EDQUOT: { reason: 'your quota on its disk is used up', words: /disk quota exceeded|\bEDQUOT\b/i },
  EFBIG: {
    reason: 'a file may not become so large here (the file system, or ulimit -f)',
    words: /file too large|\bEFBIG\b/i,
  },
};

/** Does `work`, which writes `bytes` to `path`. Errors: DISK_FULL, naming both, and whatever else `work` throws. */
export async function withRoomFor<T>(path: string, bytes: number, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const refusal = REFUSALS[(error as NodeJS.ErrnoException).code ?? ''];
    throw refusal === undefined ? error : diskFull(path, { bytes, reason: refusal.reason, cause: error });
  }
}

/** DISK_FULL where a program's output tells of it; undefined where it tells of something else. */
export function diskFullIn(output: string, path: string, bytes: number): SynodError | undefined {
  const refusal = Object.values(REFUSALS).find(({ words }) => words.test(output));
  return refusal && diskFull(path, { bytes, reason: refusal.reason, cause: new Error(output) });
}

function diskFull(
  path: string,
  { bytes, reason, cause }: { readonly bytes: number; readonly reason: string; readonly cause: unknown },
): SynodError {
  const size = bytes < 1_000_000 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
  return new SynodError(
    'DISK_FULL',
    `There is no room for ${path} (it needs ${size}): ${reason}. Nothing half written is used. Make room, or choose another disk, and run it again.`,
    { facts: { path, bytes }, cause },
  );
}
