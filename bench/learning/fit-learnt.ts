/**
 * Fits how probable it is that a question asks again what a correction answered (answering §10.3). Owns what is fitted on: the
 * domains' questions of splits train and tune, and wordings.jsonl, each told of subjects as they are and of invented ones. The corrections
 * that figures are given on are never seen. `node bootstrap.mjs run bench/learning/fit-learnt.ts [--write]`: what is written are the fitted weights alone;
 * biases and the weights of relations are set after it on corrections-tuning.jsonl.
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Embed, Knowledge } from '../../packages/inference/src/knowledge/index.ts';
import { openVectorStore } from '../../packages/inference/src/knowledge/vector-store.ts';
import { LEARNT_FEATURES, type LearntFeature } from '../../packages/inference/src/retrieval/learnt-features.ts';
import { createLearntIndex } from '../../packages/inference/src/retrieval/learnt-index.ts';
import { control, loadDomains, openEngine } from '../domains/load.ts';
import { type Example, fitOdds, type Signs } from '../domains/logistic.ts';

const { values } = parseArgs({
  options: { write: { type: 'boolean', default: false }, each: { type: 'string', default: '3' } },
});
const FACTS_A_RELATION = Number(values.each);
const DOMAINS = ['chemistry', 'geography'];
const MARK = '{s}';

/** Ways to ask for one thing, and the sentence that answers; `{s}` in place of the subject. */
type Topic = { readonly name: string; readonly asked: readonly string[]; readonly facts: readonly TopicFact[] };
type TopicFact = { readonly subject: string; readonly text: string };
type Trial = {
  readonly prompt: string;
  readonly text: string;
  readonly question: string;
  readonly right: boolean;
  readonly isHeld: boolean;
};

const wordings = readFileSync(fileURLToPath(new URL('wordings.jsonl', import.meta.url)), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line, i): Topic => {
    const { text, asked } = JSON.parse(line) as { text: string; asked: string[] };
    return { name: `wording ${i}`, asked, facts: [{ subject: MARK, text }] };
  });

/** A number of the text, 0 … 2³² − 1: what is drawn is the same on every run. */
const draw = (text: string): number => createHash('sha256').update(text).digest().readUInt32BE(0);
const drawn = <T>(list: readonly T[], by: string): T => list[draw(by) % list.length]!;

const SYLLABLES = 'bel cor dan fen gol har kes lum mor nav pel quo ras sil tor vel wen zar mi lo ta re na du'.split(
  ' ',
);

function invent(by: string, isLower: boolean): string {
  const word = [0, 1, 2].map((i) => drawn(SYLLABLES, `${by} ${i}`)).join('');
  return isLower ? word : word[0]!.toUpperCase() + word.slice(1);
}

/** The domain's relations as topics: question templates of splits train and tune with their subjects taken out. */
function topicsOf(domain: Awaited<ReturnType<typeof loadDomains>>[number]): Topic[] {
  const usable = domain.questions.filter(({ split, unanswerable }) => split !== 'test' && unanswerable === null);
  const mark = (text: string, subject: string) => {
    const at = text.toLowerCase().indexOf(subject.toLowerCase());
    return at < 0 ? null : text.slice(0, at) + MARK + text.slice(at + subject.length);
  };
  return [...Map.groupBy(usable, ({ relation }) => relation)].map(([name, questions]): Topic => {
    const asked = [...new Set(questions.flatMap(({ question, subject }) => mark(question, subject) ?? []))];
    const facts = questions.flatMap(({ subject, passage }) =>
      passage?.includes(subject) ? [{ subject, text: passage }] : [],
    );
    return { name: `${domain.name} ${name}`, asked, facts };
  });
}

/** Two right questions and four wrong ones for every correction; of subjects as they are, and of invented ones. */
function trialsOf(topics: readonly Topic[], own: readonly Topic[]): Trial[] {
  const trials: Trial[] = [];
  for (const topic of topics) {
    if (topic.asked.length < 2 || topic.facts.length === 0) continue;
    const times = topic.facts[0]!.subject === MARK ? 4 : FACTS_A_RELATION;
    for (let i = 0; i < times; i++) {
      const by = `${topic.name} ${i}`;
      const fact = drawn(topic.facts, `fact ${by}`);
      const isInvented = fact.subject === MARK || i % 2 === 0;
      const name = isInvented ? invent(by, /^\p{Ll}/u.test(fact.subject)) : fact.subject;
      const tell = (text: string) => text.replaceAll(fact.subject, name).replaceAll(MARK, name);
      const prompt = drawn(topic.asked, `prompt ${by}`);
      const others = topic.asked.filter((text) => text !== prompt);
      const rivals = own.filter((one) => one !== topic && one.asked.length > 0);
      const isHeld = draw(`held ${topic.name}`) % 4 === 0;
      const add = (question: string, right: boolean, rough: string) =>
        trials.push({
          prompt: tell(prompt),
          text: tell(fact.text),
          question: roughen(tell(question), rough),
          right,
          isHeld,
        });
      for (const n of [0, 1]) add(drawn(others, `right ${by} ${n}`), true, `${by} ${n}`);
      for (const n of [0, 1, 2, 3]) {
        const rival = drawn(n % 2 === 0 ? rivals : wordings.filter((one) => one !== topic), `rival ${by} ${n}`);
        add(drawn(rival.asked, `wrong ${by} ${n}`), false, `${by} wrong ${n}`);
      }
    }
  }
  return trials;
}

/** One in three as somebody in a hurry writes. */
const roughen = (question: string, by: string): string =>
  draw(`rough ${by}`) % 3 === 0 ? question.toLowerCase().replace(/\?$/, '') : question;

async function rowsOf(
  trials: readonly Trial[],
  knowledge: Knowledge | null,
  embed: Embed,
): Promise<(Example & { isHeld: boolean })[]> {
  const store = await openVectorStore({ file: null, embed }, control);
  const candidates = async (question: string) =>
    knowledge === null ? [] : (await knowledge.retrieve(question, control)).candidates;
  const rows: (Example & { isHeld: boolean })[] = [];
  let guarded = 0;
  for (const { prompt, text, question, right, isHeld } of trials) {
    const published = knowledge === null ? null : { retriever: knowledge.retriever, candidates };
    const index = createLearntIndex({ learnt: [{ prompt, text, source: 's', number: 0 }], published, store, embed });
    await store.fill(index.texts, control);
    const [hit] = await index.find(question, await candidates(question), control);
    if (hit !== undefined) rows.push({ row: hit.row, right, isHeld });
    else if (right) guarded++;
  }
  console.log(`${trials.length} trials, ${rows.length} pass the guard, ${guarded} right ones do not`);
  return rows;
}

const SIGN: Readonly<Record<LearntFeature, -1 | 0 | 1>> = {
  bias: 0,
  cosine: 1,
  textCosine: 1,
  maskedCosine: 1,
  maskedTextCosine: 1,
  shared: 1,
  sharedBack: 1,
  kind: 1,
  reversed: 0,
  relationAgreed: 1,
  relationDiffers: -1,
  sameFact: 1,
  otherFact: -1,
};
/** A passage that answers another question is worse than a refusal. */
const WRONG_WEIGHT = 1;

function fit(name: string, rows: readonly (Example & { isHeld: boolean })[]): Record<string, number> {
  const known = rows.filter(({ isHeld }) => !isHeld);
  const signs: Signs = LEARNT_FEATURES.map((feature) => SIGN[feature]);
  const weights = fitOdds(
    known,
    known.map(({ right }) => (right ? 1 : WRONG_WEIGHT)),
    signs,
  );
  for (const [part, list] of [
    ['fitted', known],
    ['held out', rows.filter(({ isHeld }) => isHeld)],
  ] as const) {
    const odds = (row: readonly number[]) => row.reduce((sum, value, i) => sum + value * weights[i]!, 0);
    const share = (right: boolean) => {
      const own = list.filter((one) => one.right === right);
      return `${own.filter(({ row }) => odds(row) >= 0).length} of ${own.length}`;
    };
    console.log(`${name}, ${part}: answered ${share(true)} right ones, ${share(false)} wrong ones`);
  }
  return Object.fromEntries(LEARNT_FEATURES.map((feature, i) => [feature, Number(weights[i]!.toFixed(4))]));
}

const engine = await openEngine();
const withKnowledge: (Example & { isHeld: boolean })[] = [];
const alone: (Example & { isHeld: boolean })[] = [];
for (const domain of await loadDomains(engine, { data: undefined, only: DOMAINS })) {
  const own = topicsOf(domain);
  const trials = trialsOf([...own, ...wordings], [...own, ...wordings]);
  withKnowledge.push(...(await rowsOf(trials, domain.knowledge, domain.memory.embed)));
  alone.push(...(await rowsOf(trials, null, domain.memory.embed)));
  domain.memory.save();
}
await engine.close();
const fitted = { published: fit('with published knowledge', withKnowledge), alone: fit('alone', alone) };
console.log(JSON.stringify(fitted, null, 2));
const target = fileURLToPath(
  new URL('../../packages/inference/src/retrieval/learnt-coefficients.json', import.meta.url),
);
if (values.write) writeFileSync(target, `${JSON.stringify(fitted, null, 2)}\n`);
