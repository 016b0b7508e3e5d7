/**
 * One training round over as much feedback as is wanted, on a real devnet: several accounts ask at once, like what is right and correct what is
 * wrong, and the round is followed from its opening to its version and its canary's end. Owns asking, giving and the figures of the round.
 */
import { contains } from '../../packages/experts/src/questions/scoring.ts';
import type { Devnet } from '../../test/e2e/devnet-process.ts';
import { loadRecordings } from '../market/replay.ts';
import { quantile, type Row } from '../table.ts';
import { type MachineWatch, type ProcessUse, watchMachine } from './machine-watch.ts';
import { say } from './progress.ts';
import { type WatchedRound, watchCanary, watchOneRound } from './round-watch.ts';

/** One account may give a quarter of a round's items (learning §2.4), so four are needed. */
export const ROUND_ACCOUNTS = ['alice', 'bob', 'carol', 'dave'] as const;
const GOALS = { minutes: 6, memoryMiB: 3 * 1024, intervals: 2 };
/** Longer than the bench: an epoch's end would open a round with whatever is there. */
const EPOCH_HEIGHTS = 8_000;
/** A question is asked again when its experts missed the window for answers, as on a busy machine; then the next one is. */
const ASKED_MAX = 3;
/** The first answers of a domain wait for its knowledge to be loaded. */
const WARM_UP_MAX = 20;
/** Enough to learn from; every further answer would be scored by everybody. */
const RESPONDENTS = 1;
const ANSWER_MS = 180_000;
const ROUND_MS = 30 * 60_000;

type RecordedQuestion = ReturnType<typeof loadRecordings>['questions'][number];
type Asked = { readonly question: RecordedQuestion; readonly queryId: string; readonly answer: string };
type Given = { readonly liked: number; readonly corrected: number };

export type RoundFigures = {
  readonly round: WatchedRound;
  readonly given: Given;
  readonly processes: readonly ProcessUse[];
  readonly learnersMiB: number;
  /** Milliseconds between blocks while the round was open. */
  readonly during: readonly number[];
  readonly canary: { readonly seconds: number; readonly stable: number; readonly state: string } | null;
};

/** Flags of a devnet whose round opens with `items` items, and not with fewer at an epoch's end. */
export function roundFlags(items: number): string[] {
  const params = [`learning.roundItems=${items}`, `staking.epochHeights=${EPOCH_HEIGHTS}`];
  return ['--accounts', String(ROUND_ACCOUNTS.length), ...params.flatMap((one) => ['--set', one])];
}

/** Milliseconds between blocks of these heights. */
export async function intervals(devnet: Devnet, from: number, to: number): Promise<number[]> {
  const times: number[] = [];
  for (let height = from; height <= to; height++) {
    const { time } = await devnet.rpc<{ time: string }>('chain_getBlock', { height: String(height) });
    times.push(Number(time));
  }
  return times.slice(1).map((time, i) => time - times[i]!);
}

/** Asks, gives and follows the round; `onClosed` gets the figures as soon as it is over, before its canary. */
export async function feedbackRound(
  devnet: Devnet,
  { domain, items, onClosed }: { domain: string; items: number; onClosed: (figures: RoundFigures) => void },
): Promise<RoundFigures> {
  const asked = await askAll(devnet, domain, items);
  const machine = watchMachine(devnet.info.nodes);
  try {
    const watching = watchOneRound(devnet, domain, ROUND_MS);
    const [given, round] = await Promise.all([giveAll(devnet, asked), watching]);
    const closed = await figuresOf(devnet, { round, given, machine });
    onClosed(closed);
    const canary = round.version.state === 'rejected' ? null : await watchCanary(devnet, domain, ROUND_MS);
    if (canary !== null) say(`canary over after ${canary.seconds.toFixed(0)} s: ${canary.state}`);
    return { ...closed, canary };
  } finally {
    machine.stop();
  }
}

/** Every account's answered questions; who gets no answer asks the next. */
async function askAll(devnet: Devnet, domain: string, items: number): Promise<readonly (readonly Asked[])[]> {
  const questions = loadRecordings().questions.filter((one) => one.domain === domain);
  const each = items / ROUND_ACCOUNTS.length;
  let done = 0;
  const onAnswer = (text: string) => {
    done += 1;
    say(`asked ${done} of ${items}: ${text}`);
  };
  const warm = await Promise.all(ROUND_ACCOUNTS.map((from) => askAgain(devnet, questions.at(-1)!, from, WARM_UP_MAX)));
  if (warm.includes(null)) throw new Error('the experts of this domain do not answer');
  say('every expert has its knowledge');
  const startedMs = performance.now();
  const asked = await Promise.all(
    ROUND_ACCOUNTS.map((from, place) => {
      const own = questions.filter((_, i) => i % ROUND_ACCOUNTS.length === place);
      return askUntil(devnet, { from, questions: own, count: each, onAnswer });
    }),
  );
  say(`all asked in ${((performance.now() - startedMs) / 1000).toFixed(0)} s`);
  return asked;
}

type Lane = {
  readonly from: string;
  readonly questions: readonly RecordedQuestion[];
  readonly count: number;
  onAnswer(text: string): void;
};

async function askUntil(devnet: Devnet, { from, questions, count, onAnswer }: Lane): Promise<readonly Asked[]> {
  const asked: Asked[] = [];
  for (const question of questions) {
    if (asked.length === count) break;
    const found = await askAgain(devnet, question, from);
    if (found === null) continue;
    asked.push(found);
    onAnswer(question.question);
  }
  if (asked.length < count) throw new Error(`${from} has no more questions of this domain`);
  return asked;
}

/** Null: nobody answered it in time, however often it was asked. */
async function askAgain(
  devnet: Devnet,
  question: RecordedQuestion,
  from: string,
  times = ASKED_MAX,
): Promise<Asked | null> {
  for (let time = 1; time <= times; time++) {
    const { queryId, answer } = await ask(devnet, question, from);
    if (answer !== '') return { question, queryId, answer };
    say(`no answer to "${question.question}" (${time} of ${times})`);
  }
  return null;
}

async function ask(devnet: Devnet, { question, domain }: RecordedQuestion, from: string) {
  const { queryId } = await devnet.rpc<{ queryId: string }>('query_submit', {
    prompt: question,
    domain,
    from,
    respondents: RESPONDENTS,
  });
  let answer = '';
  await devnet.until(`an answer to ${question}`, ANSWER_MS, async () => {
    const query = await devnet.rpc<{ phase: string; answer: string | null }>('query_get', { queryId });
    answer = query.answer ?? '';
    return query.phase === 'settled';
  });
  return { queryId, answer };
}

/** A right answer is liked, a wrong one corrected; one account after another would be slow, so they give at once. */
async function giveAll(devnet: Devnet, asked: readonly (readonly Asked[])[]): Promise<Given> {
  let [liked, corrected] = [0, 0];
  const give = async (own: readonly Asked[], from: string): Promise<void> => {
    for (const { question, queryId, answer } of own) {
      const isRight = contains(answer, question);
      if (isRight) liked += 1;
      else corrected += 1;
      const words = isRight ? { rating: 'good' } : { rating: 'correct', correction: question.gold[0]! };
      await devnet.rpc('feedback_submit', { queryId, ...words, from, waitFor: 'mempool' });
    }
  };
  await Promise.all(asked.map((own, place) => give(own, ROUND_ACCOUNTS[place]!)));
  say(`feedback given: ${liked} liked, ${corrected} corrected`);
  return { liked, corrected };
}

async function figuresOf(
  devnet: Devnet,
  { round, given, machine }: { readonly round: WatchedRound; readonly given: Given; readonly machine: MachineWatch },
): Promise<RoundFigures> {
  const during = await intervals(devnet, round.openedAt, round.closedAt);
  const processes = machine.processes();
  return { round, given, processes, learnersMiB: machine.learnersMiB(), during, canary: null };
}

const seconds = (value: number): string => `${value.toFixed(0)} s`;
const spread = (values: readonly number[]): string =>
  [0.5, 0.95, 0.99].map((q) => quantile(values, q).toFixed(0)).join(' / ');

/** What the goals speak of, then where the time went. */
export function roundRows(figures: RoundFigures, idle: readonly number[]): Row[] {
  const { round, given, processes, learnersMiB, during, canary } = figures;
  const ratio = quantile(during, 0.99) / quantile(idle, 0.99);
  const trainers = processes.filter(({ job }) => job === 'train');
  const largest = Math.max(0, ...trainers.map(({ peakMiB }) => peakMiB));
  const plain = (figure: string, value: string): Row => ({ figure: `  ${figure}`, value, goal: '–', met: null });
  return [
    {
      figure: `round of ${round.domain}: ${round.trainers} trainers, ${round.items} items`,
      value: `${round.minutes.toFixed(1)} minutes`,
      goal: '≤ 6',
      met: round.minutes <= GOALS.minutes,
    },
    {
      figure: 'largest trainer process',
      value: `${largest.toFixed(0)} MiB`,
      goal: '≤ 3 GiB',
      met: trainers.length === 0 ? null : largest <= GOALS.memoryMiB,
    },
    {
      figure: 'block interval p99 during it, of idle',
      value: `${ratio.toFixed(2)} ×`,
      goal: '≤ 2 ×',
      met: ratio <= GOALS.intervals,
    },
    plain('block intervals idle, median / p95 / p99', `${spread(idle)} ms of ${idle.length}`),
    plain('block intervals during it', `${spread(during)} ms of ${during.length}`),
    plain('feedback', `${given.liked} liked, ${given.corrected} corrected`),
    plain('outcome', `version ${round.version.version} ${round.version.reason}; deltas ${round.verdicts.join(', ')}`),
    ...round.phases.map(({ phase, seconds: long }) => plain(`phase ${phase}`, seconds(long))),
    ...processes
      .filter(({ kind }) => kind === 'learner')
      .map(({ job, node, fromMs, toMs, cpuSeconds, peakMiB }) =>
        plain(
          `${job} at ${node}`,
          `${seconds((toMs - fromMs) / 1000)}, ${seconds(cpuSeconds)} of a core, ${peakMiB.toFixed(0)} MiB`,
        ),
      ),
    plain('all learners at one moment', `${learnersMiB.toFixed(0)} MiB`),
    ...(['node', 'worker'] as const).map((kind) => {
      const own = processes.filter((one) => one.kind === kind).map(({ peakMiB }) => peakMiB.toFixed(0));
      return plain(`peak of each ${kind}`, `${own.join(', ')} MiB`);
    }),
    ...(canary === null ? [] : [plain('canary after it', `${seconds(canary.seconds)}, then ${canary.state}`)]),
  ];
}
