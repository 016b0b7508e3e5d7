/** Which questions are recorded: half by hand, half from templates, all of split `test`, with an answer. Owns the choice. */
import type { Question } from '../../packages/experts/src/questions/question.ts';
import type { Domain } from '../judge/domain.ts';
import { fraction } from '../judge/random.ts';
import { type LiarName, liesAbout } from './lies.ts';

export type Chosen = { readonly question: Question; readonly lies: Readonly<Record<LiarName, string>> };

/** Questions of one kind too few for their half are made up for by the other kind. */
export function chooseQuestions(domain: Domain, { count, seed }: { count: number; seed: string }): readonly Chosen[] {
  const usable = domain.questions
    .filter(({ split, unanswerable }) => split === 'test' && unanswerable === null)
    .toSorted((a, b) => fraction(`${seed} ${a.id}`) - fraction(`${seed} ${b.id}`))
    .flatMap((question): Chosen[] => {
      const lies = liesAbout(domain, question);
      return lies === null ? [] : [{ question, lies }];
    });
  const hand = usable.filter(({ question }) => question.kind === 'hand').slice(0, Math.floor(count / 2));
  const template = usable.filter(({ question }) => question.kind === 'template').slice(0, count - hand.length);
  return [...hand, ...template].toSorted(
    (a, b) => fraction(`${seed} order ${a.question.id}`) - fraction(`${seed} order ${b.question.id}`),
  );
}
