/**
 * What a user said in private, as the node keeps it in its home (spec: learning §2.5). Owns finding and reading `private-feedback.jsonl`;
 * writing is the node's. Nothing of it is ever sent.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { decodeFeedbackBlob, type FeedbackBlob, SynodError } from '@synod/chain';
import { dataDirectory } from '../settings/settings.ts';

export type PrivateFlags = { readonly home?: string; readonly dataDir?: string };

export type PrivateFeedback = {
  readonly files: readonly string[];
  /** In the order given; of two about one query the later. */
  readonly items: readonly FeedbackBlob[];
  /** Lines that are none: a crash may have cut one off. */
  readonly damaged: number;
};

const NAME = 'private-feedback.jsonl';

/** Of the home named, or of all homes of the devnet. Throws `NOT_FOUND` for a home that is not there. */
export function readPrivate(flags: PrivateFlags): PrivateFeedback {
  const files = homesOf(flags)
    .map((home) => join(home, NAME))
    .filter((file) => existsSync(file));
  const items = new Map<string, FeedbackBlob>();
  let damaged = 0;
  for (const line of files.flatMap((file) => readFileSync(file, 'utf8').split('\n'))) {
    if (line === '') continue;
    const blob = decodeFeedbackBlob(new TextEncoder().encode(line));
    if (blob === null) damaged += 1;
    else items.set(blob.queryId, blob);
  }
  return { files, items: [...items.values()], damaged };
}

function homesOf({ home, dataDir }: PrivateFlags): readonly string[] {
  if (home !== undefined) {
    const folder = resolve(home);
    if (existsSync(folder)) return [folder];
    throw new SynodError('NOT_FOUND', `There is no home at ${folder}. Name that of the node which kept the feedback.`, {
      facts: { home: folder },
    });
  }
  const directory = dataDirectory(dataDir, process.env);
  if (!existsSync(directory)) return [];
  const names = readdirSync(directory).filter((name) => /^val-\d+$/.test(name));
  return names.toSorted((a, b) => Number(a.slice(4)) - Number(b.slice(4))).map((name) => join(directory, name));
}
