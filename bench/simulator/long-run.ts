/**
 * A long run of schedules in pieces: each piece that is over stands as one line in a file, and the next begins behind the last of
 * them, so a run that was ended or cut off loses one piece at most. A line names the commit that ran it, since another commit
 * makes other schedules of the same seeds.
 * Usage: node bench/simulator/long-run.ts [--to 1000000] [--piece 10000] [--file bench/simulator/long-run.jsonl]. Ctrl-C ends it.
 * Exits with 1 if any schedule, of whichever piece, broke a promise.
 */
import { execFileSync } from 'node:child_process';
import { appendFileSync, closeSync, existsSync, fsyncSync, openSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runSimulation } from '../../packages/simulator/src/index.ts';

type Piece = {
  readonly commit: string;
  readonly first: number;
  readonly last: number;
  readonly heights: number;
  readonly messages: number;
  readonly settledQueries: number;
  readonly roundMax: number;
  /** Kinds of fault that were triggered. */
  readonly kinds: number;
  readonly failedSeeds: readonly number[];
  readonly wallMs: number;
};

const root = fileURLToPath(new URL('../../', import.meta.url));
const { values } = parseArgs({
  options: {
    to: { type: 'string', default: '1000000' },
    piece: { type: 'string', default: '10000' },
    file: { type: 'string', default: fileURLToPath(new URL('long-run.jsonl', import.meta.url)) },
  },
});
const [to, size] = [Number(values.to), Number(values.piece)];
if (!Number.isSafeInteger(to) || !Number.isSafeInteger(size) || to < 1 || size < 1)
  throw new RangeError('--to and --piece are numbers of schedules, 1 or more.');

const pieces = readPieces(values.file);
const commit = commitOf();
const ended = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => ended.abort());

while (nextSeed() <= to && !ended.signal.aborted) {
  const first = nextSeed();
  const seeds = { first, last: Math.min(to, first + size - 1) };
  const result = await runSimulation({ seeds, threads: 0, signal: ended.signal, failuresMax: size });
  if (result.schedules === 0) break;
  const { heights, messages, settledQueries, roundMax, failures, wallMs } = result;
  const kinds = Object.values(result.faults).filter(({ schedules }) => schedules > 0).length;
  const failedSeeds = failures.map(({ seed }) => seed);
  const counts = { heights, messages, settledQueries, roundMax, kinds, failedSeeds, wallMs };
  keep({ commit, first, last: result.nextSeed - 1, ...counts });
  for (const { command, violations } of failures) console.log(`✖ ${violations[0]?.text ?? ''}  ${command}`);
  const left = Math.ceil(((to - nextSeed() + 1) * wallMs) / result.schedules / 60_000);
  console.log(`${nextSeed() - 1} of ${to} schedules, ${result.schedulesPerSecond}/s, ${left} min left`);
}
showAll();

function nextSeed(): number {
  return (pieces.at(-1)?.last ?? 0) + 1;
}

function keep(piece: Piece): void {
  pieces.push(piece);
  const file = openSync(values.file, 'a');
  try {
    appendFileSync(file, `${JSON.stringify(piece)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** The pieces so far; each must begin behind the one before, or some seeds would be counted twice or never. */
function readPieces(path: string): Piece[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean);
  const read = lines.map((line) => JSON.parse(line) as Piece);
  for (const [index, { first, last }] of read.entries()) {
    if (first !== (read[index - 1]?.last ?? 0) + 1 || last < first)
      throw new RangeError(
        `${path}:${index + 1}: seeds ${first}..${last} do not follow the line before. Take another --file.`,
      );
  }
  return read;
}

/** The checkout's commit; one with changes would name a commit that cannot make these schedules again. */
function commitOf(): string {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
  const changed = git('status', '--porcelain', '--', 'packages');
  if (changed !== '') throw new Error(`packages/ differs from its commit. Commit first:\n${changed}`);
  return git('rev-parse', '--short=10', 'HEAD');
}

function showAll(): void {
  const sum = (of: (piece: Piece) => number) => pieces.reduce((all, piece) => all + of(piece), 0);
  const failed = pieces.flatMap(({ failedSeeds }) => failedSeeds);
  const commits = new Set(pieces.map((piece) => piece.commit)).size;
  const hours = (sum(({ wallMs }) => wallMs) / 3_600_000).toFixed(1);
  console.log(
    `${sum(({ first, last }) => last - first + 1)} schedules of ${commits} commits in ${hours} h: ` +
      `${sum(({ heights }) => heights)} heights, ${sum(({ messages }) => messages)} messages, ` +
      `${sum(({ settledQueries }) => settledQueries)} queries settled, ${failed.length} failed ${failed.join(' ')}`,
  );
  if (failed.length > 0) process.exitCode = 1;
}
