/** Asking a person before something that costs. Owns when nobody can be asked. */
import { createInterface } from 'node:readline/promises';
import { SynodError } from '@synod/chain/errors';
import { mode } from './mode.ts';

/** Resolves when the answer is yes. Throws `USAGE` where no terminal can be asked, `INTERRUPTED` for any other answer. */
export async function confirm(
  question: string,
  flags: { readonly yes?: boolean; readonly json: boolean },
): Promise<void> {
  if (flags.yes === true) return;
  if (flags.json || !mode.isAsking || process.stdin.isTTY !== true) {
    throw new SynodError('USAGE', `${question} Nobody can be asked here: say it with --yes. Nothing was sent.`);
  }
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  // Ctrl-C while asked ends as any "no" does.
  const interrupted = new AbortController();
  lines.on('SIGINT', () => interrupted.abort());
  try {
    const answer = await lines.question(`${question} [y/N] `, { signal: interrupted.signal }).catch(() => 'n');
    if (/^y(es)?$/i.test(answer.trim())) return;
  } finally {
    lines.close();
  }
  throw new SynodError('INTERRUPTED', 'Nothing was sent.');
}
