/** Owns the questions that the expert for programming must refuse: names that nobody has, properties that it does not hold. */
import type { QuestionRecipe } from '../../questions/make-questions.ts';

export const UNANSWERABLE: Pick<QuestionRecipe, 'inventedSubjects' | 'unheldRelations'> = {
  inventedSubjects: [
    'Quandrix',
    'the programming language Velora',
    'Flumen.js',
    'the Hartwell-Boone algorithm',
    'zebracrypt',
    'CWE-9991',
    'HTTP/9',
    'the XQRP protocol',
    'SIGPLORK',
    'EBLORK',
    'Tindalo DB',
    'OrbitShell',
    'the Mirrowsky sort',
    'BLOFISH-900',
    'glumpf',
    'str.wobble()',
    'Array.prototype.splork()',
    'the Kestrel-Vane cipher',
    'nimbuscript',
    'the Lanternfly attack',
    'X-Grommet-Token',
    'Dravnik',
    'pipwizard',
    'the Corvid tree',
    'YRQL',
    'the Zanthe virus',
    'Porklang',
    'mudflare injection',
    'the module snorkel_io',
    'SHA-777',
  ],
  unheldRelations: [
    {
      relation: 'salary',
      of: 'first-released',
      phrasings: {
        train: ['How much does a {subject} developer earn?', 'What is the salary of a {subject} programmer?'],
        tune: ['What are people paid who work with {subject}?'],
        test: ['What wage can I ask for as a {subject} expert?', 'What does a job in {subject} pay?'],
      },
    },
    {
      relation: 'users',
      of: 'created-by',
      phrasings: {
        train: ['How many people use {subject}?', 'How many users has {subject}?'],
        tune: ['How large is the community of {subject}?'],
        test: ['What number of developers work with {subject}?'],
      },
    },
    {
      relation: 'latest-version',
      of: 'written-in',
      phrasings: {
        train: ['What is the latest version of {subject}?', 'What is the newest release of {subject}?'],
        tune: ['Which version of {subject} is current?'],
        test: ['What version number has the most recent {subject}?'],
      },
    },
    {
      relation: 'damage',
      of: 'defence',
      phrasings: {
        train: ['How much money is lost to {subject}?', 'What damage did {subject} do last year?'],
        tune: ['How many dollars does {subject} cost companies?'],
        test: ['What was the yearly loss caused by {subject}?'],
      },
    },
    {
      relation: 'lines-of-code',
      of: 'written-in',
      phrasings: {
        train: ['How many lines of code has {subject}?', 'How long is the source code of {subject}?'],
        tune: ['How big is the code base of {subject}?'],
        test: ['Of how many source lines does {subject} consist?'],
      },
    },
  ],
};
