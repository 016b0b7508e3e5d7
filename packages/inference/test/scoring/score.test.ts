import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Passage } from '../../src/knowledge/passage.ts';
import { believe } from '../../src/scoring/belief.ts';
import { claims, replacedIn } from '../../src/scoring/claims.ts';
import { normalise } from '../../src/scoring/judge.ts';
import { piecesOf } from '../../src/scoring/pieces.ts';
import { scoreOf } from '../../src/scoring/score.ts';

const fact = (subject: string, relation: string, text: string, value: string | null): Passage => ({
  text,
  source: 'Synod test facts (public domain)',
  subject,
  relation,
  value,
});
const passages = [
  fact('France', 'capital', 'The capital of France is Paris.', 'Paris'),
  fact('France', 'population', 'France has a population of 67,413,000.', '67,413,000'),
  fact('France', 'area', 'The area of France is 551,695 square kilometres.', '551,695 square kilometres'),
  fact(
    'France',
    'borders',
    'The countries that border France are Spain, Italy and Germany.',
    'Spain, Italy and Germany',
  ),
  fact('Germany', 'capital', 'The capital of Germany is Berlin.', 'Berlin'),
  fact('Germany', 'population', 'Germany has a population of 83,200,000.', '83,200,000'),
  fact('helium', 'symbol', 'The chemical symbol of helium is He.', 'He'),
  fact('gold', 'symbol', 'The chemical symbol of gold is Au.', 'Au'),
  fact(
    'nadolol',
    'definition',
    'Antianginal nadolol is defined as a drug against high blood pressure.',
    'a drug against high blood pressure',
  ),
  fact('tides', 'document', 'Tides rise and fall. The Moon pulls the oceans, and the Sun does too.', null),
];
const aliases = new Map([['gold', ['aurum']]]);
const knowledge = { passages, aliases };

const QUESTIONS = [
  'What is the capital of France?',
  'How many people live in France?',
  'Which countries border France?',
  'What is the symbol of gold?',
  'What is nadolol?',
  'Why does the sea rise and fall?',
];

/** The judge's belief when retrieval found these, best first. */
function beliefOf(question: string, found: readonly number[], confidence: number) {
  const candidates = found.map((i, rank) => ({ passage: passages[i]!, probability: confidence / (1 + rank) }));
  return believe(question, candidates, knowledge)!;
}
type Belief = ReturnType<typeof beliefOf>;
const score = (belief: Belief, answer: string) => scoreOf(belief, normalise(answer));
const paris = beliefOf(QUESTIONS[0]!, [0, 1, 2], 0.95);

/** A failing run prints this and not the whole belief. */
const shown = (belief: Belief) => `${belief.question.text} | ${belief.best.passage.text} | ${belief.confidence}`;
const anyBelief = fc
  .tuple(
    fc.constantFrom(...QUESTIONS),
    fc.uniqueArray(fc.nat({ max: passages.length - 1 }), { minLength: 1, maxLength: 4 }),
    fc.double({ min: 0.02, max: 1, noNaN: true }),
  )
  .map(([question, found, confidence]) => beliefOf(question, found, confidence));
const statement = fc.constantFrom(
  ...passages.map(({ text }) => text),
  ...[
    'Lyon',
    'It is Osaka.',
    'The capital of France is Marseille.',
    '42',
    'About 12 million people',
    'Q30.',
    'He',
    'Eight of them',
  ],
  ...[
    'A drug against the Spanish flu',
    'Because of whales that dive',
    '.css',
    'the coccyx and the femur of dogs',
    'GPL-3.0',
  ],
);
const quote = fc.constantFrom(...passages.map(({ text }) => text));
const JOINS = [
  ' ',
  ', ',
  '; ',
  ': ',
  ' - ',
  ' – ',
  '. ',
  '\n',
  ' (',
  ' "',
  ' because ',
  ' and ',
  ' or ',
  ' note that ',
  ' * ',
  '... ',
];
const join = fc.constantFrom(...JOINS);
const open = (text: string) => text.replace(/[\s.]+$/, '');
/** What floats may differ by where a mark stands for a full stop. */
const NOTHING = 1e-9;

test('no published passage, behind a claim and joined to it in any way, raises its score', () => {
  fc.assert(
    fc.property(anyBelief, statement, join, quote, (belief, claim, joint, passage) => {
      fc.pre(claims(belief, claim));
      const [alone, dressed] = [score(belief, claim), score(belief, `${open(claim)}${joint}${passage}`)];
      assert.ok(
        dressed <= alone + NOTHING,
        `${open(claim)}${joint}${passage}: ${dressed} from ${alone}, ${shown(belief)}`,
      );
    }),
    { numRuns: 1_500 },
  );
});

test('nor does one before it, though all that follows is published about the same thing', () => {
  fc.assert(
    fc.property(anyBelief, statement, join, quote, (belief, claim, joint, passage) => {
      fc.pre(claims(belief, claim));
      const [alone, dressed] = [score(belief, claim), score(belief, `${open(passage)}${joint}${claim}`)];
      assert.ok(
        dressed <= alone + NOTHING,
        `${open(passage)}${joint}${claim}: ${dressed} from ${alone}, ${shown(belief)}`,
      );
    }),
    { numRuns: 1_500 },
  );
});

test('of several sentences none makes up for another, whatever their order and number', () => {
  fc.assert(
    fc.property(anyBelief, fc.array(statement, { minLength: 1, maxLength: 6 }), quote, (belief, said, passage) => {
      const claim = said.map((text) => `${open(text)}.`).join(' ');
      const pieces = piecesOf(claim, {
        findQuotes: belief.lexicon.quotesIn,
        findWholes: () => [],
        isEmpty: () => false,
      });
      fc.pre(claims(belief, claim) && pieces.length < 12);
      assert.ok(score(belief, `${claim} ${passage}`) <= score(belief, claim) + NOTHING, claim);
    }),
    { numRuns: 150 },
  );
});

test('a crowd of pieces hides nothing', () => {
  const wrong = score(paris, 'Lyon.');
  for (const many of ['Sure. '.repeat(30), 'Paris. '.repeat(30), 'Paris, the capital, '.repeat(20)]) {
    assert.ok(score(paris, `${many} Lyon. The capital of France is Paris.`) <= wrong + NOTHING, many);
    assert.ok(score(paris, `${many} Lyon because the capital of France is Paris.`) <= wrong + NOTHING, many);
  }
});

test('a passage that the judge believes wrongly helps no guess', () => {
  const mistaken = beliefOf('What is the capital of France?', [1, 2], 0.6);
  const right = score(mistaken, 'The capital of France is Paris.');
  for (const text of [
    'Lyon France has a population of 67,413,000.',
    'France has a population of 67,413,000 (Lyon)',
    'Lyon because France has a population of 67,413,000.',
    'France has a population of Lyon.',
  ])
    assert.ok(score(mistaken, text) <= Math.max(right, score(mistaken, 'Lyon')), text);
});

test('who names the right value and another one has said neither', () => {
  const right = score(paris, 'Paris');
  for (const text of ['Paris or Lyon', 'The capital of France is Paris (Lyon)', 'Lyon, The capital of France is Paris'])
    assert.ok(score(paris, text) < right / 2, `${text}: ${score(paris, text)}`);
  const gold = beliefOf('What is the symbol of gold?', [7, 6], 0.95);
  assert.ok(score(gold, 'The chemical symbol of gold is Au or He') < score(gold, 'Au') / 2);
});

test('who declines beside a claim has not declined', () => {
  const unknown = beliefOf('What is the capital of Sylvania?', [4, 0], 0.05);
  const claim = score(unknown, 'Klopstokia');
  assert.ok(score(unknown, "I don't know: nothing in this expert's knowledge answers that.") > claim + 0.3);
  for (const text of ["Klopstokia City. I don't know.", "Osaka I don't know.", "I don't know, 42"])
    assert.ok(score(unknown, text) < claim + 0.1, text);
});

test('what is said around a right answer costs it nothing', () => {
  const value = score(paris, 'Paris');
  for (const text of [
    'Good question! It is Paris.',
    'Paris, if you want the short version.',
    'As far as France is concerned, one would say Paris.',
    'Paris\n\nThe capital of France is Paris.',
    'The capital of France is Paris. Hope this helps!',
    'Quoting my source: "The capital of France is Paris."',
  ])
    assert.ok(score(paris, text) > value - 0.1, `${text}: ${score(paris, text)}`);
  const borders = beliefOf('Which countries border France?', [3, 1], 0.95);
  for (const text of ['Germany, Italy and Spain', 'The countries that border France are Spain, Italy and Germany.'])
    assert.ok(score(borders, text) > 0.9, text);
  const tides = beliefOf('Why does the sea rise and fall?', [9], 0.9);
  assert.ok(score(tides, passages[9]!.text) > 0.9, 'a quote of two sentences');
});

test('a published fact beside the believed one is another claim, however sure the judge is', () => {
  for (const confidence of [0.95, 0.5]) {
    const population = beliefOf(QUESTIONS[0]!, [1, 0], confidence);
    const other = score(population, passages[2]!.text);
    for (const text of [`${passages[1]!.text} ${passages[2]!.text}`, `${passages[2]!.text} ${passages[1]!.text}`])
      assert.ok(score(population, text) <= other + NOTHING, `${text}: ${score(population, text)} from ${other}`);
  }
});

test('another name of the subject, a word of a name and digits that are no number are claims', () => {
  const rhine = fact('the Rhine', 'mouth', 'The Rhine flows into the North Sea.', 'the North Sea');
  const known = {
    passages: [...passages, rhine, fact('mud', 'kind', 'Mud is wet earth and silt.', 'wet earth and silt')],
    aliases: new Map([['the Rhine', ['Rhenus']]]),
  };
  const candidates = [{ passage: rhine, probability: 0.95 }];
  const belief = believe('What does the Rhine flow into?', candidates, known)!;
  for (const wrong of ['Rhenus', 'It is silt', 'wet earth', '31.2.0', 'paris'])
    for (const joint of [' ', ', ', ' and ', '. ', ' - ']) {
      const [alone, dressed] = [score(belief, wrong), score(belief, `${wrong}${joint}${rhine.text}`)];
      assert.ok(dressed <= alone + NOTHING, `${wrong}${joint}…: ${dressed} from ${alone}`);
    }
  const right = score(belief, 'The North Sea');
  for (const text of [
    'The Rhine (Rhenus) flows into the North Sea.',
    'As for the Rhine (Rhenus) it flows into the North Sea.',
    'The Rhine, also known as Rhenus, ends in the North Sea.',
    'In brief, the North Sea',
  ])
    assert.ok(score(belief, text) > right - 0.15, `${text}: ${score(belief, text)} from ${right}`);
});

test('a symbol that is also grammar is a claim where only a name can stand', () => {
  const at = fact('astatine', 'symbol', 'The chemical symbol of astatine is At.', 'At');
  const candidates = [{ passage: passages[7]!, probability: 0.95 }];
  const belief = believe('What is the symbol of gold?', candidates, { passages: [...passages, at], aliases })!;
  for (const wrong of ['At is what you want', 'He is the answer', 'I would say At'])
    assert.ok(score(belief, `${wrong} - The chemical symbol of gold is Au.`) < 0.1, wrong);
  assert.ok(score(belief, 'At last - The chemical symbol of gold is Au.') > 0.9);
});

test('of what the question offers for choice, the wrong thing is a claim and the right one costs nothing', () => {
  const gas = fact('radon', 'state', 'At room temperature radon is a gas.', 'gas');
  const kin = fact('radon', 'typing', 'The group of radon is noble and heavy.', 'noble and heavy');
  const facts = { passages: [...passages, gas, kin], aliases };
  const belief = believe('Is radon a solid or a gas?', [{ passage: gas, probability: 0.95 }], facts)!;
  const [right, wrong] = [score(belief, 'Gas'), score(belief, 'Solid')];
  for (const text of [`Solid. ${gas.text}`, `Solid - ${gas.text}`, `${gas.text} It is solid.`])
    assert.ok(score(belief, text) <= wrong + NOTHING, `${text}: ${score(belief, text)} from ${wrong}`);
  for (const text of [`Gas. ${gas.text}`, `${gas.text} Is radon a solid or a gas?`, 'Radon: gas', `"${gas.text}"`])
    assert.ok(score(belief, text) > right - 0.1, `${text}: ${score(belief, text)} from ${right}`);
  const choice = believe('Is radon noble and heavy or light?', [{ passage: kin, probability: 0.95 }], facts)!;
  assert.ok(score(choice, 'It is noble and heavy.') > 0.9, 'a value is not cut in two');
});

test('a word or two of the evidence, apart, are a claim; more of it, and the same words within the sentence, are none', () => {
  const stored = fact('sodium', 'storage', 'Sodium is stored under oil because it reacts with air and water.', 'oil');
  const candidates = [{ passage: stored, probability: 0.95 }];
  const others = ['lithium', 'calcium'].map((name) =>
    fact(name, 'storage', `${name} is stored under tar because it reacts with air and water.`, 'tar'),
  );
  const belief = believe('What is sodium kept in?', candidates, {
    passages: [...passages, stored, ...others],
    aliases,
  })!;
  const wrong = score(belief, 'Water.');
  assert.ok(wrong < 0.1, `${wrong}`);
  for (const text of [`Water. ${stored.text}`, `It is water, ${stored.text}`, `${stored.text} Water.`])
    assert.ok(score(belief, text) <= wrong + NOTHING, `${text}: ${score(belief, text)}`);
  for (const text of ['Oil, as it reacts with water.', 'Oil. It reacts with air, and with water.'])
    assert.ok(score(belief, text) > 0.5, `${text}: ${score(belief, text)}`);
});

test('what the evidence denies is a claim, though it says the word', () => {
  const zoom = fact(
    'zoom',
    'inheritance',
    'The CSS property zoom is not inherited by child elements.',
    'not inherited',
  );
  const facts = { passages: [...passages, zoom], aliases };
  const belief = believe('Is the CSS property zoom inherited?', [{ passage: zoom, probability: 0.95 }], facts)!;
  const wrong = score(belief, 'It is inherited.');
  for (const text of [`It is inherited. ${zoom.text}`, `${zoom.text} It is inherited.`])
    assert.ok(score(belief, text) <= wrong + NOTHING, `${text}: ${score(belief, text)} from ${wrong}`);
  const again = score(belief, `Not inherited. ${zoom.text}`);
  assert.ok(wrong < 0.1 && again > 0.9, `${wrong} and ${again}`);
});

test('the question around a wrong claim adds nothing to it', () => {
  const cancer = fact(
    'urethritis',
    'kind',
    'Urethritis is a kind of urinary tract infection.',
    'urinary tract infection',
  );
  const question = 'what all belongs to the urinary tract?';
  const belief = believe(question, [{ passage: cancer, probability: 0.97 }], {
    passages: [...passages, cancer],
    aliases,
  })!;
  const wrong = 'a sharp process of a bone.';
  assert.ok(score(belief, `${question} ${wrong} ${question}`) <= score(belief, wrong) + NOTHING);
});

test('a value of ordinary words is said, whatever stands before it', () => {
  const see = fact('303', 'status-meaning', 'HTTP 303 means See Other.', 'See Other');
  const belief = believe('What does 303 mean?', [{ passage: see, probability: 0.95 }], { passages: [see], aliases })!;
  for (const text of ['303: See Other', '303 (See Other)'])
    assert.ok(score(belief, text) > score(belief, 'See Other') - 0.05, `${text}: ${score(belief, text)}`);
});

test('what fills a place of the evidence is no full stop and no closing mark', () => {
  const flow = fact('the Rhine', 'mouth', 'The Rhine flows into the North Sea.', 'the North Sea');
  const facts = { passages: [...passages, flow], aliases };
  const belief = believe('What does the Rhine flow into?', [{ passage: flow, probability: 0.95 }], facts)!;
  assert.equal(replacedIn(belief, '"The Rhine flows into the North Sea"'), null);
  assert.equal(replacedIn(belief, 'The Rhine flows into the Black Sea.'), 'Black');
});

test('a negative number behind a refusal is a sentence of its own', () => {
  const unknown = beliefOf('What is the capital of Sylvania?', [4, 0], 0.05);
  const dressed = score(unknown, 'I do not have that information. -88 °C is what you are looking for.');
  assert.ok(dressed <= score(unknown, '-88 °C is what you are looking for.') + NOTHING);
});

test('scoring is quick on hostile text', () => {
  const started = process.cpuUsage();
  for (const text of [
    'Lyon, '.repeat(330),
    'The capital of France is '.repeat(80),
    'and or so '.repeat(200),
    '( '.repeat(999),
    'France (France) '.repeat(120),
    'France, or France, '.repeat(100),
  ])
    score(paris, text);
  const { user } = process.cpuUsage(started);
  assert.ok(user < 4_000_000, `${user} µs`);
});

test('a piece of a code is another code: with the passage behind it, it is worth no more than alone', () => {
  const water = fact('water', 'formula', 'The formula of water is h2o.', 'h2o');
  const facts = { passages: [...passages, water], aliases };
  const belief = believe('What is the formula of water?', [{ passage: water, probability: 0.95 }], facts)!;
  assert.ok(score(belief, 'It is h2o.') > 0.9);
  assert.ok(score(belief, `It is h2o. ${water.text}`) > 0.9);
  for (const wrong of ['h2', 'It is h2', 'x9']) assert.ok(score(belief, `${wrong}. ${water.text}`) < 0.1, wrong);
});
