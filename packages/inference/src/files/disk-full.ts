/** What is said when a disk takes no more bytes. Owns the error and which of the system's refusals mean it; what is written is the callers'. */

/** Refusals that mean "no more bytes", in words. */
const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'its disk is full',
  EDQUOT: 'your quota on its disk is used up',
  EFBIG: 'a file may not become so large here (the file system, or ulimit -f)',
};

/**
 * No room for a file. `code` is always DISK_FULL; the message says which file, how much was to be written where that is known, and what to do.
 * The shape equals that of the project's other operating errors (`code`, `message`, `facts`, `cause`).
 */
export class DiskFullError extends Error {
  readonly code = 'DISK_FULL';
  readonly facts: Readonly<Record<string, string | number>>;
  /** The file and the reason, without what to do. */
  readonly why: string;

  constructor(path: string, bytes: number | null, cause: unknown) {
    const reason = REASONS[codeOf(cause)] ?? 'its disk is full';
    const needed = bytes === null ? '' : ` (it needs ${sizeText(bytes)})`;
    const why = `there is no room for ${path}${needed}: ${reason}.`;
    super(`T${why.slice(1)} Nothing half written is used. Make room, or choose another disk, and run it again.`, {
      cause,
    });
    this.why = why;
    this.name = 'DiskFullError';
    this.facts = { path, ...(bytes !== null && { bytes }) };
  }
}

/** Whether `error` is the system's refusal to take more bytes. */
export const isDiskFull = (error: unknown): boolean => codeOf(error) in REASONS;

/** Does `work`, which writes `path`. Throws DiskFullError where the disk takes no more, and whatever else `work` throws. */
export async function withRoomFor<T>(path: string, bytes: number | null, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isDiskFull(error) ? new DiskFullError(path, bytes, error) : error;
  }
}

/** Programs that fetch files for us tell refusals in words alone. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/no space left on device|\bENOSPC\b/i, 'ENOSPC'],
  [/disk quota exceeded|\bEDQUOT\b/i, 'EDQUOT'],
  [/file too large|\bEFBIG\b/i, 'EFBIG'],
];

/** The refusal that `output` tells of, as an error of the system; undefined where it tells of none. */
export function refusalIn(output: string): Error | undefined {
  const code = WORDS.find(([words]) => words.test(output))?.[1];
  return code === undefined ? undefined : Object.assign(new Error(output), { code });
}

/** As people read sizes. */
export function sizeText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} bytes`;
  return bytes < 1_000_000 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
