/** Benchmark templates of geography. Owns phrasings; they shape no passage and no relation phrase is taken from them. */
import type { QuestionRecipe, QuestionTemplate } from '../../questions/make-questions.ts';

const withoutUnit = (value: string): readonly string[] => [
  value.replace(/ (square kilometres|kilometres|years|m|km)$/, ''),
];

const COUNTRY: readonly QuestionTemplate[] = [
  {
    relation: 'capital',
    asks: 'value',
    phrasings: {
      train: [
        'What is the capital of {subject}?',
        'Which city is the capital of {subject}?',
        'Name the capital city of {subject}.',
      ],
      tune: ["What's {subject}'s capital?", 'Can you tell me the capital of {subject}?'],
      test: [
        '{subject} is governed from which city?',
        'What city serves as capital in {subject}?',
        'capital city {subject}?',
      ],
    },
  },
  {
    relation: 'capital',
    asks: 'subject',
    phrasings: {
      train: ['Which country has {value} as its capital?', '{value} is the capital of which country?'],
      tune: ['Of which country is {value} the capital?'],
      test: ['What country is governed from {value}?', 'The city of {value} is the capital of what country?'],
    },
  },
  {
    relation: 'currency',
    asks: 'value',
    phrasings: {
      train: ['What is the currency of {subject}?', 'Which currency is used in {subject}?'],
      tune: ['What money do they use in {subject}?'],
      test: [
        'If I travel to {subject}, what currency will I need?',
        'How do people pay in {subject}, with which currency?',
      ],
    },
  },
  {
    relation: 'calling-code',
    asks: 'value',
    variants: (value) => [value.replace('+', '')],
    phrasings: {
      train: ['What is the calling code of {subject}?', 'What is the international dialling code for {subject}?'],
      tune: ['Which phone prefix does {subject} have?'],
      test: [
        'I want to phone someone in {subject}; which country code do I dial?',
        'Telephone country code {subject}?',
      ],
    },
  },
  {
    relation: 'iso-code',
    asks: 'subject',
    phrasings: {
      train: ['Which country has the ISO code {value}?', 'What country does the two-letter code {value} stand for?'],
      tune: ['{value} is the ISO code of which country?'],
      test: ['The two-letter country code {value} belongs to whom?', 'In ISO 3166, what is {value}?'],
    },
  },
  {
    relation: 'highest-point',
    asks: 'value',
    phrasings: {
      train: ['What is the highest point of {subject}?', 'Which mountain is the highest in {subject}?'],
      tune: ['What is the tallest peak in {subject}?'],
      test: [
        'Where would you stand at the greatest elevation in {subject}?',
        'Name the highest elevation found in {subject}.',
      ],
    },
  },
  {
    relation: 'area',
    asks: 'value',
    variants: withoutUnit,
    phrasings: {
      train: ['What is the area of {subject}?', 'How large is {subject} in square kilometres?'],
      tune: ['How big is {subject}?'],
      test: ['How many square kilometres does {subject} cover?', 'What surface does {subject} have in total?'],
    },
  },
  {
    relation: 'driving-side',
    asks: 'value',
    phrasings: {
      train: ['On which side of the road do people drive in {subject}?', 'Which side do they drive on in {subject}?'],
      tune: ['Do cars in {subject} drive on the left or on the right?'],
      test: [
        'Is traffic in {subject} left-hand or right-hand?',
        'What side of the street must I keep to with a car in {subject}?',
      ],
    },
  },
  {
    relation: 'population',
    asks: 'value',
    phrasings: {
      train: ['What is the population of {subject}?', 'How many people live in {subject}?'],
      tune: ['How many inhabitants does {subject} have?'],
      test: ['About how populous is {subject}?', 'Give the number of residents of {subject}.'],
    },
  },
  {
    relation: 'borders',
    asks: 'value',
    phrasings: {
      train: ['Which countries border {subject}?', 'What are the neighbouring countries of {subject}?'],
      tune: ['What countries does {subject} share a border with?'],
      test: [
        'Leaving {subject} over land, which countries could you reach first?',
        'Who are the land neighbours of {subject}?',
      ],
    },
  },
  {
    relation: 'internet-domain',
    asks: 'value',
    variants: (value) => [value.replace('.', '')],
    phrasings: {
      train: ['What is the internet domain of {subject}?', 'Which top-level domain does {subject} use?'],
      tune: ['What do web addresses from {subject} end in?'],
      test: ['Websites registered in {subject} carry which country suffix?', 'ccTLD of {subject}?'],
    },
  },
  {
    relation: 'demonym',
    asks: 'value',
    phrasings: {
      train: ['What are people from {subject} called?', 'What is the demonym of {subject}?'],
      tune: ['What do you call somebody from {subject}?'],
      test: [
        'A person born in {subject} has which nationality?',
        'Which adjective describes something from {subject}?',
      ],
    },
  },
  {
    relation: 'independence',
    asks: 'value',
    variants: (value) => [value.split(' ').at(-1) ?? value],
    phrasings: {
      train: ['When did {subject} become independent?', 'What is the date of independence of {subject}?'],
      tune: ['In which year did {subject} gain independence?'],
      test: [
        'Since when has {subject} been an independent state?',
        'On what date did {subject} stop being ruled by others?',
      ],
    },
  },
  {
    relation: 'coastline',
    asks: 'value',
    variants: withoutUnit,
    phrasings: {
      train: ['How long is the coastline of {subject}?', 'What is the length of the coast of {subject}?'],
      tune: ['How many kilometres of coast does {subject} have?'],
      test: ['How much seashore does {subject} have?', 'Walking the whole coast of {subject}, how far would it be?'],
    },
  },
  {
    relation: 'continent',
    asks: 'value',
    phrasings: {
      train: ['On which continent is {subject}?', 'Which continent does {subject} belong to?'],
      tune: ['What continent is {subject} in?'],
      test: ['{subject} is part of which continent?', 'To what continent would I fly to visit {subject}?'],
    },
  },
  {
    relation: 'largest-city',
    asks: 'value',
    phrasings: {
      train: ['What is the largest city of {subject}?', 'Which city in {subject} is the biggest?'],
      tune: ['Name the most populous city of {subject}.'],
      test: ['In {subject}, where do the most people live together in one city?', 'biggest city {subject}'],
    },
  },
  {
    relation: 'national-holiday',
    asks: 'value',
    variants: (value) => [value.split(', on ')[1] ?? value, value.split(', on ')[0] ?? value],
    phrasings: {
      train: ['What is the national holiday of {subject}?', 'When is the national day of {subject}?'],
      tune: ['Which day is a national holiday in {subject}?'],
      test: [
        'On what day does {subject} celebrate its national holiday?',
        'What does {subject} celebrate as its national day, and when?',
      ],
    },
  },
];

const PLACE: readonly QuestionTemplate[] = [
  {
    relation: 'airport-code',
    asks: 'value',
    caseSensitive: true,
    phrasings: {
      train: ['What is the IATA code of {subject}?', 'Which three-letter code does {subject} have?'],
      tune: ['What is the airport code for {subject}?'],
      test: ['My luggage goes to {subject}; what is printed on the tag?', 'Three letters for {subject}, please?'],
    },
  },
  {
    relation: 'airport-code',
    asks: 'subject',
    phrasings: {
      train: ['Which airport has the IATA code {value}?', 'What airport does the code {value} stand for?'],
      tune: ['{value} is the code of which airport?'],
      test: ['My ticket says {value}. Which airport is that?', 'Where do I land if the IATA code is {value}?'],
    },
  },
  {
    relation: 'state-capital',
    asks: 'value',
    phrasings: {
      train: ['What is the capital of {subject}?', 'Which city is the capital of the state of {subject}?'],
      tune: ["What is {subject}'s capital?"],
      test: ['Where does the government of {subject} sit?', 'Name the state or provincial capital of {subject}.'],
    },
  },
  {
    relation: 'length',
    asks: 'value',
    variants: withoutUnit,
    phrasings: {
      train: ['How long is the {subject}?', 'What is the length of the {subject}?'],
      tune: ['How many kilometres long is the {subject}?'],
      test: [
        'Over what distance does the {subject} run?',
        'From one end to the other, how far does the {subject} stretch?',
      ],
    },
  },
  {
    relation: 'height',
    asks: 'value',
    variants: withoutUnit,
    phrasings: {
      train: ['How high is {subject}?', 'What is the height of {subject}?'],
      tune: ['How tall is {subject}?'],
      test: ['What elevation does {subject} reach?', 'How far above sea level is the top of {subject}?'],
    },
  },
];

/** Countries, cities and mountains that exist nowhere. */
const INVENTED =
  'Vorland|Zambarra|Kelmistan|Ostrelia Minor|Quendara|Norvenia|Ithruba|Palmetia|Drovakia|Sumbari|Tarquesh|Belovar Islands|Myrkania|Lusandria|Karpathia|Ondurra|Feldovia|Zanquar|Republic of Malveth|Istrabad|Gondoria|Hesperland|Arvenia|Tolmeqa|Brundisia|Yalopotamia|Krevania|Sarovia|Upper Tesmania|Walendia'.split(
    '|',
  );

export const GEOGRAPHY_QUESTIONS: QuestionRecipe = {
  templates: [...COUNTRY, ...PLACE],
  inventedSubjects: INVENTED,
  unheldRelations: [
    {
      relation: 'prime-minister',
      of: 'capital',
      phrasings: {
        train: ['Who is the prime minister of {subject}?'],
        tune: ['Who leads the government of {subject} right now?'],
        test: ['What is the name of the current president or premier of {subject}?'],
      },
    },
    {
      relation: 'minimum-wage',
      of: 'capital',
      phrasings: {
        train: ['What is the minimum wage in {subject}?'],
        tune: ['How much is the hourly minimum pay in {subject}?'],
        test: ['By law, what must a worker in {subject} be paid at least?'],
      },
    },
    {
      relation: 'football-champion',
      of: 'capital',
      phrasings: {
        train: ['Which club won the football league of {subject} last year?'],
        tune: ['Who is the football champion of {subject}?'],
        test: ['Name the best football team in {subject} last season.'],
      },
    },
    {
      relation: 'runways',
      of: 'airport-code',
      phrasings: {
        train: ['How many runways does {subject} have?'],
        tune: ['What is the number of runways at {subject}?'],
        test: ['How many terminals does {subject} have?'],
      },
    },
  ],
  perTemplate: { train: 40, tune: 15, test: 15 },
};
