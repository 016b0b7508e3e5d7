/**
 * What peers' answers do to an expert that is unsure: right ones, wrong ones that know its knowledge by heart, and a majority of them. Owns the
 * peers; the rule is answering/peers.ts. `--split tune` chose its least probability, `test` (the default) measures it.
 */
import { parseArgs } from 'node:util';
import { contains } from '../../packages/experts/src/questions/scoring.ts';
import { adopt } from '../../packages/inference/src/answering/peers.ts';
import type { Retrieval } from '../../packages/inference/src/knowledge/knowledge.ts';
import { shippedCoefficients } from '../../packages/inference/src/retrieval/rank.ts';
import { control, type Domain, loadDomains, openEngine, prefetchQuestions } from '../domains/load.ts';
import { type Row, report } from '../table.ts';

const { values } = parseArgs({ options: { split: { type: 'string', default: 'test' } } });
type Question = Domain['questions'][number];
type Unsure = { readonly question: Question; readonly candidates: Retrieval['candidates'] };

/** Wrong peers in a majority of eight. */
const WRONG_PEERS = 7;

const engine = await openEngine();
const unsure: Unsure[] = [];
let sure = 0;
for (const domain of await loadDomains(engine, { data: undefined, only: [] })) {
  const questions = domain.questions.filter(({ split }) => split === values.split);
  await prefetchQuestions(
    domain,
    questions.map(({ question }) => question),
  );
  for (const question of questions) {
    const { candidates } = await domain.knowledge.retrieve(question.question, control);
    if ((candidates[0]?.probability ?? 0) >= shippedCoefficients.threshold) sure++;
    else unsure.push({ question, candidates });
  }
}
await engine.close();

const isRight = (question: Question, one: Retrieval['candidates'][number]): boolean =>
  question.unanswerable === null && contains(one.passage.text, question);

/** The peer says the gold; null where the question has none. */
const rightPeer = ({ gold, unanswerable }: Question): string | null => (unanswerable === null ? gold[0]! : null);

/** The worst a peer can say: a passage of the expert's own that it holds likely and that does not answer. */
const wrongPeer = ({ question, candidates }: Unsure): string =>
  candidates.find((one) => !isRight(question, one))?.passage.text ?? 'No.';

type Outcome = 'right' | 'wrong' | 'refused';

function outcome({ question, candidates }: Unsure, peers: readonly string[]): Outcome {
  const found = adopt(candidates, peers);
  if (found === null) return 'refused';
  return isRight(question, found) ? 'right' : 'wrong';
}

const ways: Readonly<Record<string, (one: Unsure) => readonly string[]>> = {
  'one right peer': ({ question }) => [rightPeer(question) ?? 'No.'],
  'one wrong peer': (one) => [wrongPeer(one)],
  'seven wrong peers, one right': (one) => [
    ...Array.from({ length: WRONG_PEERS }, () => wrongPeer(one)),
    rightPeer(one.question) ?? 'No.',
  ],
};
const answerable = unsure.filter(({ question }) => question.unanswerable === null);
const unanswerable = unsure.filter(({ question }) => question.unanswerable !== null);
const details = Object.entries(ways).map(([name, peersOf]) => {
  const count = (list: readonly Unsure[], is: Outcome) =>
    list.filter((one) => outcome(one, peersOf(one)) === is).length;
  return {
    name,
    right: count(answerable, 'right'),
    wrong: count(answerable, 'wrong'),
    wrongWithoutAnswer: count(unanswerable, 'wrong'),
  };
});
const rows = details.map(
  ({ name, right, wrong, wrongWithoutAnswer }): Row => ({
    figure: `${name}: right, wrong of ${answerable.length} unsure; wrong of ${unanswerable.length} without an answer`,
    value: `${right}, ${wrong}; ${wrongWithoutAnswer}`,
    goal: '–',
    met: null,
  }),
);
rows.push({ figure: `answers that peers moved, of ${sure} sure ones`, value: '0, by the rule', goal: '0', met: true });
report('market-peers', rows, { split: values.split, sure, details });
