/** Owns the questions that the expert for medicine must refuse: names that nobody has, properties that it does not hold. */
import type { QuestionRecipe } from '../../questions/make-questions.ts';

export const UNANSWERABLE: Pick<QuestionRecipe, 'inventedSubjects' | 'unheldRelations'> = {
  inventedSubjects: [
    'Velmar-Tosk syndrome',
    'pelgrosis',
    'carnovitis',
    'dramoxapril',
    'zelticillin',
    'quorbenazole',
    'hestromab',
    'the plorbic gland',
    'the venticular ossa',
    'Brandolf fever',
    'ostrimelia',
    'vitamin J7',
    'lumbrexin',
    'thalvorone',
    'Kesselring palsy',
    'murothymia',
    'the dorsal plintus',
    'brovaxetine',
    'Okembe virus disease',
    'xanthorrhexosis',
    'cardoflenia',
    'the torvic nerve',
    'sproxadone',
    'Halvorsen-Pike disease',
    'myelopraxia',
    'PLQV',
    'the gastrenum',
    'nefrutamide',
    'otorrhexalgia',
    'the Dunmore reflex',
  ],
  unheldRelations: [
    {
      relation: 'prevalence',
      of: 'symptom',
      phrasings: {
        train: ['How many people have {subject}?', 'What is the prevalence of {subject}?'],
        tune: ['How common is {subject} worldwide?'],
        test: [
          'What share of the population suffers from {subject}?',
          'How many new cases of {subject} are there each year?',
        ],
      },
    },
    {
      relation: 'dose',
      of: 'drug-class',
      phrasings: {
        train: ['What is the dose of {subject}?', 'How much {subject} should an adult take?'],
        tune: ['How many milligrams of {subject} are taken a day?'],
        test: ['How many tablets of {subject} may I take?', 'What is the maximum daily dose of {subject}?'],
      },
    },
    {
      relation: 'price',
      of: 'used-for',
      phrasings: {
        train: ['What does {subject} cost?', 'What is the price of {subject}?'],
        tune: ['How expensive is {subject}?'],
        test: ['How much money is a pack of {subject}?'],
      },
    },
    {
      relation: 'bioavailability',
      of: 'drug-class',
      phrasings: {
        train: ['What is the bioavailability of {subject}?', 'How many per cent of {subject} reach the blood?'],
        tune: ['How much of a swallowed dose of {subject} is absorbed?'],
        test: ['Which share of a tablet of {subject} gets into the blood?'],
      },
    },
    {
      relation: 'weight',
      of: 'function',
      phrasings: {
        train: ['How much does {subject} weigh?', 'What is the weight of {subject}?'],
        tune: ['How heavy is {subject}?'],
        test: ['What do scales show for {subject} of an adult in grams?'],
      },
    },
  ],
};
