/**
 * Which blobs the chain names (spec: learning §3.3). Owns the walk over feedback and versions, a few records at a head, so that a node which
 * comes late finds all of them in the background.
 */
import {
  type Hash,
  listLines,
  type ModelVersion,
  readFeedback,
  readLine,
  readRound,
  readVersion,
  type StateView,
} from '@synod/chain';

/** A blob as a record names it: `bytes` is its whole length. */
export type NamedBlob = { readonly content: Hash; readonly bytes: number };

/** Next numbers to look at. */
type Cursor = { feedback: number; version: number };

export class BlobScan {
  readonly #cursors = new Map<string, Cursor>();

  /** Goes on from where the last call ended, over at most so many records, until `take` says that there is no room. */
  proceed(state: StateView, recordsMax: number, take: (blob: NamedBlob) => boolean): void {
    let left = recordsMax;
    for (const domain of listLines(state)) {
      const line = readLine(state, domain);
      const cursor = this.#cursor(domain);
      if (line === null) continue;
      for (; cursor.feedback < line.feedback; cursor.feedback++, left--) {
        if (left <= 0 || !feedbackBlobs(state, domain, cursor.feedback).every(take)) return;
      }
      for (; cursor.version <= line.last; cursor.version++, left--) {
        if (left <= 0 || !versionBlobs(readVersion(state, domain, cursor.version)).every(take)) return;
      }
    }
  }

  /** From the first record on again. */
  restart(): void {
    this.#cursors.clear();
  }

  #cursor(domain: string): Cursor {
    const known = this.#cursors.get(domain);
    if (known !== undefined) return known;
    const fresh = { feedback: 0, version: 0 };
    this.#cursors.set(domain, fresh);
    return fresh;
  }
}

/** Available deltas of rounds under way: no version names them yet. */
export function roundBlobs(state: StateView): readonly NamedBlob[] {
  return listLines(state).flatMap((domain) =>
    (readRound(state, domain)?.trainers ?? []).flatMap(({ delta }) => (delta?.isAvailable ? [delta] : [])),
  );
}

/** What is pending is listed elsewhere; what is lost nobody has to have. */
function feedbackBlobs(state: StateView, domain: string, number: number): readonly NamedBlob[] {
  const feedback = readFeedback(state, domain, number);
  if (feedback === null || feedback.state === 'pending' || feedback.state === 'lost') return [];
  return [feedback];
}

function versionBlobs(version: ModelVersion | null): readonly NamedBlob[] {
  return (version?.contributions ?? []).filter(({ bytes }) => bytes > 0);
}
