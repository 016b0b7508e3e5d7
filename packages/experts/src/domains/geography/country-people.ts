/** Sentences about a country's people, faiths and cities. */
import { fact, joined, type Maker } from './fact.ts';
import { firstNumber, listItems, rounded, titleCase, withoutBrackets } from './factbook.ts';
import { recentPopulation } from './recent.ts';

export const peopleFacts: Maker = (country, sources) => {
  const { inText, name, profile, sovereign } = country;
  const { factbook } = sources;
  const get = (...path: string[]) => profile?.field('People and Society', ...path);
  const population = firstNumber(get('Population'));
  const languages = listItems(get('Languages') ?? '').slice(0, 5);
  const religions = religionsOf(get('Religions') ?? '').slice(0, 4);
  const adjective = demonymOf(get('Nationality', 'adjective'));
  const life = firstNumber(get('Life expectancy at birth', 'total population'));
  const counted =
    population === undefined || population < 10
      ? []
      : [
          fact(
            'population',
            `The population of ${inText} is about ${rounded(population)} people.`,
            rounded(population),
            factbook,
          ),
        ];
  const recent = recentPopulation(country, sources);
  return [
    ...(recent.length > 0 ? recent : counted),
    languages.length < 2 || !sovereign
      ? undefined
      : fact(
          'languages',
          `The main languages spoken in ${inText} are ${joined(languages)}.`,
          joined(languages),
          factbook,
        ),
    religions[0] === undefined || !sovereign
      ? undefined
      : fact('religion', religionText(inText, religions), joined(religions), factbook),
    adjective === undefined || adjective === name
      ? undefined
      : fact('demonym', `People from ${inText} are called ${adjective}.`, adjective, factbook),
    life === undefined || !sovereign
      ? undefined
      : fact('life-expectancy', `Life expectancy at birth in ${inText} is ${life} years.`, `${life} years`, factbook),
  ];
};

/** Names of faiths; texts that tell regions apart are left out. */
function religionsOf(text: string): readonly string[] {
  if (/ - (?!Day)/.test(text.slice(0, 60))) return [];
  return listItems(text)
    .map((item) => item.replace(/[\s.<]+$/, '').replace(/^predominantly /, ''))
    .filter((item) => item.length > 2);
}

function religionText(inText: string, religions: readonly string[]): string {
  return religions.length === 1
    ? `The main religion in ${inText} is ${religions[0]}.`
    : `The main religions in ${inText} are ${joined(religions)}.`;
}

function demonymOf(text: string | undefined): string | undefined {
  const adjective = withoutBrackets(text ?? '')
    .split(/[,;]| or /)[0]
    ?.trim();
  return adjective === undefined || adjective === '' || adjective.length > 40 ? undefined : adjective;
}

export const cityFacts: Maker = ({ inText, profile }, { factbook }) => {
  const text = profile?.field('People and Society', 'Major urban areas - population') ?? '';
  const cities = text
    .split(';')
    .flatMap((item) => {
      const match = /^(.+?) (\d[\d,]*(?:\.\d+)?)( million)?/.exec(withoutBrackets(item).trim());
      return match
        ? [{ name: titleCase(match[1]!.trim()), people: Number(match[2]!.replaceAll(',', '')) * (match[3] ? 1e6 : 1) }]
        : [];
    })
    .sort((a, b) => b.people - a.people);
  const [largest, ...others] = cities;
  if (largest === undefined) return [];
  const rest = others.slice(0, 5).map(({ name }) => name);
  return [
    fact('largest-city', `The largest city of ${inText} is ${largest.name}.`, largest.name, factbook),
    rest.length < 2
      ? undefined
      : fact(
          'major-cities',
          `Other large cities of ${inText} are ${joined(rest)}.`.replace('..', '.'),
          joined(rest),
          factbook,
        ),
  ];
};
