/**
 * Remakes the template question sets from the shipped knowledge: `node bench/domains/make.ts [domain …]`.
 * Hand-written questions are kept beside them in hand.jsonl and are never touched.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DOMAINS, makeQuestions, readFolder } from '@synod/experts';

const knowledge = join(import.meta.dirname, '../../packages/experts/knowledge');
const wanted = process.argv.slice(2);

for (const { domain, questions: recipe } of DOMAINS) {
  if (wanted.length > 0 && !wanted.includes(domain)) continue;
  const { passages, aliases } = await readFolder(join(knowledge, domain));
  const questions = makeQuestions({ domain, recipe, passages, aliases });
  const folder = join(import.meta.dirname, domain);
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, 'questions.jsonl'),
    questions.map((question) => `${JSON.stringify(question)}\n`).join(''),
  );
  const count = (split: string) => questions.filter((question) => question.split === split).length;
  const refused = questions.filter(({ split, unanswerable }) => split === 'test' && unanswerable !== null).length;
  console.log(
    `${domain}: train ${count('train')}, tune ${count('tune')}, test ${count('test')} (${refused} to be refused)`,
  );
}
