/** Benchmark templates of chemistry. Owns phrasings; they shape no passage and no relation phrase is taken from them. */
import type { QuestionRecipe, QuestionTemplate } from '../../questions/make-questions.ts';

const withoutUnit = (value: string): readonly string[] => [value.replace(/ (°C|u|g\/mol|g\/cm³|g\/L|pm|kJ\/mol)$/, '')];

const ELEMENTS: readonly QuestionTemplate[] = [
  {
    relation: 'symbol',
    asks: 'value',
    caseSensitive: true,
    phrasings: {
      train: ['What is the chemical symbol of {subject}?', 'Which symbol stands for {subject}?'],
      tune: ['What letters represent {subject}?'],
      test: ['How is {subject} abbreviated in the periodic table?', 'In formulas, how do chemists write {subject}?'],
    },
  },
  {
    relation: 'symbol',
    asks: 'subject',
    phrasings: {
      train: ['Which element has the symbol {value}?', 'What does the chemical symbol {value} stand for?'],
      tune: ['{value} is the symbol of which element?'],
      test: ['What element do chemists mean by {value}?', 'In the periodic table, what is {value}?'],
    },
  },
  {
    relation: 'atomic-number',
    asks: 'value',
    phrasings: {
      train: ['What is the atomic number of {subject}?', 'Which atomic number does {subject} have?'],
      tune: ["What is {subject}'s number in the periodic table?"],
      test: ['At which position of the periodic table do I find {subject}?', '{subject} is element number what?'],
    },
  },
  {
    relation: 'atomic-number',
    asks: 'subject',
    phrasings: {
      train: ['Which element has atomic number {value}?', 'What is the element with the atomic number {value}?'],
      tune: ['Atomic number {value} belongs to which element?'],
      test: ['Name element number {value}.', 'What sits at position {value} of the periodic table?'],
    },
  },
  {
    relation: 'atomic-mass',
    asks: 'value',
    variants: withoutUnit,
    phrasings: {
      train: ['What is the atomic mass of {subject}?', 'What is the atomic weight of {subject}?'],
      tune: ['What is the relative atomic mass of {subject}?'],
      test: ['How heavy is an atom of {subject} in atomic mass units?', 'One mole of {subject} atoms weighs how much?'],
    },
  },
  {
    relation: 'melting-point',
    asks: 'value',
    variants: withoutUnit,
    phrasings: {
      train: ['What is the melting point of {subject}?', 'At what temperature does {subject} melt?'],
      tune: ['When does {subject} melt?'],
      test: [
        'How hot must {subject} get to turn liquid?',
        'At how many degrees Celsius does solid {subject} become liquid?',
      ],
    },
  },
  {
    relation: 'boiling-point',
    asks: 'value',
    variants: withoutUnit,
    phrasings: {
      train: ['What is the boiling point of {subject}?', 'At what temperature does {subject} boil?'],
      tune: ['When does {subject} boil?'],
      test: [
        'How hot must {subject} get to turn into vapour?',
        'At how many degrees Celsius does {subject} start boiling?',
      ],
    },
  },
  {
    relation: 'density',
    asks: 'value',
    variants: withoutUnit,
    phrasings: {
      train: ['What is the density of {subject}?', 'How dense is {subject}?'],
      tune: ['Which density does {subject} have?'],
      test: [
        'What does a cubic centimetre or a litre of {subject} weigh?',
        'How much mass per volume does {subject} have?',
      ],
    },
  },
  {
    relation: 'electronegativity',
    asks: 'value',
    phrasings: {
      train: ['What is the electronegativity of {subject}?', 'Which Pauling electronegativity does {subject} have?'],
      tune: ['How electronegative is {subject}?'],
      test: ['On the Pauling scale, where is {subject}?', 'Give the Pauling value of {subject}.'],
    },
  },
  {
    relation: 'electron-configuration',
    asks: 'value',
    caseSensitive: false,
    phrasings: {
      train: ['What is the electron configuration of {subject}?', 'Write the electron configuration of {subject}.'],
      tune: ['How are the electrons of {subject} arranged?'],
      test: ['Which orbitals do the electrons of {subject} fill?', 'Noble-gas notation for {subject}?'],
    },
  },
  {
    relation: 'group',
    asks: 'value',
    phrasings: {
      train: ['Which group of the periodic table is {subject} in?', 'What group does {subject} belong to?'],
      tune: ['In which group is {subject}?'],
      test: [
        'Which column of the periodic table holds {subject}?',
        'In what vertical family number is {subject} listed?',
      ],
    },
  },
  {
    relation: 'period',
    asks: 'value',
    phrasings: {
      train: ['Which period of the periodic table is {subject} in?', 'What period does {subject} belong to?'],
      tune: ['In which period is {subject}?'],
      test: ['Which row of the periodic table holds {subject}?', 'Counting rows from the top, where is {subject}?'],
    },
  },
  {
    relation: 'discoverer',
    asks: 'value',
    variants: (value) =>
      value
        .split(/, | and /)
        .map((name) => name.split(' ').at(-1) ?? name)
        .filter((name) => name.length > 3),
    phrasings: {
      train: ['Who discovered {subject}?', 'Who was the discoverer of {subject}?'],
      tune: ['By whom was {subject} discovered?'],
      test: ['Whom do we owe the discovery of {subject}?', 'Which scientist or group first found {subject}?'],
    },
  },
  {
    relation: 'discovery-year',
    asks: 'value',
    phrasings: {
      train: ['When was {subject} discovered?', 'In which year was {subject} discovered?'],
      tune: ['What is the year of discovery of {subject}?'],
      test: ['Since what year has {subject} been known?', 'How long ago, in what year, was {subject} first found?'],
    },
  },
  {
    relation: 'category',
    asks: 'value',
    phrasings: {
      train: ['What kind of element is {subject}?', 'To which category of elements does {subject} belong?'],
      tune: ['What type of element is {subject}?'],
      test: ['Is {subject} a halogen, a metal or something else?', 'How would a chemist classify {subject}?'],
    },
  },
  {
    relation: 'valence-electrons',
    asks: 'value',
    phrasings: {
      train: [
        'How many valence electrons does {subject} have?',
        'What is the number of valence electrons of {subject}?',
      ],
      tune: ['How many electrons are in the outer shell of {subject}?'],
      test: [
        'How many electrons of {subject} take part in bonding?',
        'Count the outermost electrons of a {subject} atom.',
      ],
    },
  },
];

const COMPOUNDS: readonly QuestionTemplate[] = [
  {
    relation: 'formula',
    asks: 'value',
    caseSensitive: true,
    phrasings: {
      train: ['What is the chemical formula of {subject}?', 'What is the formula for {subject}?'],
      tune: ['Which formula does {subject} have?'],
      test: ['How do you write {subject} as a formula?', 'Which atoms, and how many of each, make up {subject}?'],
    },
  },
  {
    relation: 'cas-number',
    asks: 'value',
    phrasings: {
      train: ['What is the CAS number of {subject}?', 'Which CAS registry number has {subject}?'],
      tune: ['What is the CAS RN of {subject}?'],
      test: ['Under which number is {subject} in the CAS registry?', '{subject} CAS?'],
    },
  },
  {
    relation: 'smiles',
    asks: 'value',
    caseSensitive: true,
    phrasings: {
      train: ['What is the SMILES of {subject}?', 'Which SMILES string describes {subject}?'],
      tune: ['Give the SMILES notation of {subject}.'],
      test: ['How is {subject} written as SMILES?', '{subject} in SMILES?'],
    },
  },
  {
    relation: 'inchi-key',
    asks: 'value',
    caseSensitive: true,
    phrasings: {
      train: ['What is the InChIKey of {subject}?'],
      tune: ['Which InChIKey has {subject}?'],
      test: ['Give me the InChIKey for {subject}.'],
    },
  },
  {
    relation: 'iupac-name',
    asks: 'value',
    phrasings: {
      train: ['What is the IUPAC name of {subject}?', 'What is the systematic name of {subject}?'],
      tune: ['What does IUPAC call {subject}?'],
      test: ['By IUPAC rules, how is {subject} named?'],
    },
  },
  {
    relation: 'molar-mass',
    asks: 'value',
    variants: withoutUnit,
    phrasings: {
      train: ['What is the molar mass of {subject}?', 'What is the molecular weight of {subject}?'],
      tune: ['How many grams does one mole of {subject} weigh?'],
      test: ['If I weigh out exactly one mole of {subject}, how many grams is that?', 'g/mol of {subject}?'],
    },
  },
];

/** Elements and substances that exist nowhere. */
const INVENTED =
  'vibranium|unobtainium|kryptonium|dilithium crystal|zentium|adamantium|octarine oxide|norvium|pelagium|quasarine|ferronite trioxide|lumandium|brontosulfide|mythril|tiberium|glaxonic acid|varkonium|sylvenic anhydride|orichalcum|trellium|benzofluxane|eternium|zirconide-9|solarium chloride|nebulium|coronium|heptanovium|upsidaisium|wakandite|phlebotinum'.split(
    '|',
  );

export const CHEMISTRY_QUESTIONS: QuestionRecipe = {
  templates: [...ELEMENTS, ...COMPOUNDS],
  inventedSubjects: INVENTED,
  unheldRelations: [
    {
      relation: 'price',
      of: 'atomic-number',
      phrasings: {
        train: ['How much does a kilogram of {subject} cost?'],
        tune: ['What is the price of {subject}?'],
        test: ['What would I pay today for a gram of {subject}?'],
      },
    },
    {
      relation: 'supplier',
      of: 'formula',
      phrasings: {
        train: ['Which company sells {subject}?'],
        tune: ['Who is the largest supplier of {subject}?'],
        test: ['Where can I order {subject} online?'],
      },
    },
    {
      relation: 'sound-speed',
      of: 'atomic-number',
      phrasings: {
        train: ['What is the speed of sound in {subject}?'],
        tune: ['How fast does sound travel in {subject}?'],
        test: ['In a rod or tube of {subject}, with what speed does sound move?'],
      },
    },
  ],
  perTemplate: { train: 40, tune: 15, test: 16 },
};
