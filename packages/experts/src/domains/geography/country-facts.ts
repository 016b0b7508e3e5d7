/** One-fact sentences about each country. Owns their wording; who the countries are is country.ts. */
import type { Passage } from '../../passage.ts';
import type { Country } from './country.ts';
import { firstNumber, grouped, listItems, rounded, titleCase, withoutBrackets } from './factbook.ts';

export type FactSources = { readonly factbook: string; readonly list: string };

type Fact = {
  readonly relation: string;
  readonly text: string;
  readonly value: string | null;
  readonly source: string;
};
type Maker = (country: Country, sources: FactSources) => readonly (Fact | undefined)[];

/** All facts of one country, in a fixed order. */
export function countryPassages(country: Country, sources: FactSources): readonly Passage[] {
  const makers = country.sovereign ? [...BASIC, ...DETAILED] : BASIC;
  return makers
    .flatMap((maker) => maker(country, sources))
    .flatMap((fact) => (fact === undefined ? [] : [{ ...fact, text: capital(fact.text), subject: country.name }]));
}

const listFacts: Maker = (country, { list, factbook }) => {
  const { inText, iso2, iso3, phone, continent, currencies, sovereign } = country;
  const [currency] = currencies;
  return [
    country.capital === ''
      ? undefined
      : fact('capital', `The capital of ${inText} is ${country.capital}.`, country.capital, list),
    fact('continent', `${inText} is in ${continent}.`, continent, list),
    currency && fact('currency', `The currency of ${inText} is the ${currency.name}.`, currency.name, list),
    sovereign &&
      currency &&
      fact('currency-code', `The currency code of ${inText} is ${currency.code}.`, currency.code, list),
    phone && fact('calling-code', `The international calling code of ${inText} is ${phone}.`, phone, list),
    fact('iso-code', `The two-letter ISO country code of ${inText} is ${iso2}.`, iso2, list),
    iso3 === '' || !sovereign
      ? undefined
      : fact('iso3-code', `The three-letter ISO country code of ${inText} is ${iso3}.`, iso3, list),
    officialFact(country, { list, factbook }),
  ].map((made) => made || undefined);
};

/** The languages that the Factbook marks as official; where it marks none, the list's. */
function officialFact({ inText, languages, profile }: Country, { list, factbook }: FactSources): Fact | undefined {
  const text = profile?.field('People and Society', 'Languages') ?? '';
  const marked = text.split(/[,;] (?![^(]*\))/).filter((item) => /\(official(?! in )/.test(item));
  const official = marked.flatMap((item) => listItems(item).slice(0, 1)).map((name) => name.split(' or ')[0]!);
  const [names, source] = official.length > 0 ? [official, factbook] : [languages, list];
  if (names.length === 0) return undefined;
  const [what, are] = names.length === 1 ? ['language', 'is'] : ['languages', 'are'];
  return fact('official-language', `The official ${what} of ${inText} ${are} ${joined(names)}.`, joined(names), source);
}

const geographyFacts: Maker = ({ inText, profile, sovereign }, { factbook }) => {
  const get = (...path: string[]) => profile?.field('Geography', ...path);
  const area = firstNumber(get('Area', 'total') ?? get('Area'));
  const coast = firstNumber(get('Coastline', 'total') ?? get('Coastline'));
  const location = get('Location') ?? get('Location', 'metropolitan France');
  const border = borderFacts(
    inText,
    get('Land boundaries', 'border countries') ?? get('Land boundaries', 'metropolitan France - border countries'),
  );
  return [
    location &&
      fact(
        'location',
        `${inText} is located in ${lower(trimmed(location, 200))}.`,
        lower(trimmed(location, 200)),
        factbook,
      ),
    area === undefined
      ? undefined
      : fact(
          'area',
          `The total area of ${inText} is ${grouped(area)} square kilometres.`,
          `${grouped(area)} square kilometres`,
          factbook,
        ),
    sovereign ? coastFact(inText, coast, factbook) : undefined,
    ...border.map((made) => ({ ...made, source: factbook })),
    extreme('highest', inText, get('Elevation extremes', 'highest point'), factbook),
    extreme('lowest', inText, get('Elevation extremes', 'lowest point'), factbook),
  ].map((made) => made || undefined);
};

function coastFact(inText: string, coast: number | undefined, source: string): Fact | undefined {
  if (coast === undefined) return undefined;
  if (coast === 0) return fact('coastline', `${inText} is landlocked: it has no coastline.`, 'landlocked', source);
  return fact(
    'coastline',
    `${inText} has a coastline of ${grouped(coast)} kilometres.`,
    `${grouped(coast)} kilometres`,
    source,
  );
}

function borderFacts(inText: string, text: string | undefined): readonly Fact[] {
  const items = (text ?? '').split(/, (?=[A-Z])/).flatMap((item) => {
    const match = /^(?:the )?(.+?) ([\d,.]+) km/.exec(withoutBrackets(item));
    return match ? [{ name: modernName(match[1]!), km: Number(match[2]!.replaceAll(',', '')) }] : [];
  });
  return items.length === 0 ? [] : bordersOf(inText, withoutRepeats(items));
}

type Neighbour = { readonly name: string; readonly km: number };

/** Exclaves give a neighbour several lines; their lengths add up. */
function withoutRepeats(items: readonly Neighbour[]): readonly Neighbour[] {
  const lengths = new Map<string, number>();
  for (const { name, km } of items) lengths.set(name, (lengths.get(name) ?? 0) + km);
  return [...lengths].map(([name, km]) => ({ name, km }));
}

function bordersOf(inText: string, items: readonly Neighbour[]): readonly Fact[] {
  const names = joined(items.map(({ name }) => name));
  const [only] = items;
  const all =
    items.length === 1
      ? fact('borders', `The only country that borders ${inText} is ${only!.name}.`, only!.name, '')
      : fact('borders', `The countries that border ${inText} are ${names}.`, names, '');
  const count = fact(
    'border-count',
    `${inText} borders ${items.length} ${items.length === 1 ? 'country' : 'countries'}.`,
    String(items.length),
    '',
  );
  return [all, count];
}

const MODERN: Readonly<Record<string, string>> = {
  Burma: 'Myanmar',
  Swaziland: 'Eswatini',
  Macedonia: 'North Macedonia',
  "Cote d'Ivoire": 'Ivory Coast',
  US: 'the United States',
  UK: 'the United Kingdom',
  UAE: 'the United Arab Emirates',
  'Holy See': 'Vatican City',
  Netherlands: 'the Netherlands',
  'The Gambia': 'the Gambia',
};

/** The Factbook's names of 2015 as they are today. */
export function modernName(name: string): string {
  return MODERN[name] ?? name.replace(/^The /, 'the ');
}

/** Peaks better known by other names. */
const PEAKS: Readonly<Record<string, string>> = {
  "Gora El'brus": 'Mount Elbrus',
  'Aoraki-Mount Cook': 'Aoraki/Mount Cook',
  Ararat: 'Mount Ararat',
  Kilimanjaro: 'Mount Kilimanjaro',
  Elbert: 'Mount Elbert',
};

function extreme(
  which: 'highest' | 'lowest',
  inText: string,
  text: string | undefined,
  source: string,
): Fact | undefined {
  const match = /^(.+?) (-?[\d,]+(?:\.\d+)?) m\b/.exec(withoutBrackets(text ?? ''));
  // Sea level is the lowest point of nearly every coast: nobody asks.
  if (which === 'lowest' && match?.[2] === '0') return undefined;
  if (match === null || /^unnamed/.test(match[1]!)) return undefined;
  const [, given, metres] = match;
  const name = PEAKS[given!] ?? given;
  const article = /(Ocean|Sea|River|Gulf|Channel|Delta|delta|Depression|Bay|coast)$|^(Gulf|Bay|Strait) /.test(name!)
    ? 'the '
    : '';
  return fact(`${which}-point`, `The ${which} point of ${inText} is ${article}${name}, at ${metres} m.`, name!, source);
}

const peopleFacts: Maker = ({ inText, name, profile, sovereign }, { factbook }) => {
  const get = (...path: string[]) => profile?.field('People and Society', ...path);
  const population = firstNumber(get('Population'));
  const languages = listItems(get('Languages') ?? '').slice(0, 5);
  const religions = religionsOf(get('Religions') ?? '').slice(0, 4);
  const adjective = demonymOf(get('Nationality', 'adjective'));
  const life = firstNumber(get('Life expectancy at birth', 'total population'));
  return [
    population === undefined || population < 10
      ? undefined
      : fact(
          'population',
          `The population of ${inText} is about ${rounded(population)} people (${grouped(population)} in 2015).`,
          rounded(population),
          factbook,
        ),
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
      : fact('demonym', `People or things from ${inText} are called ${adjective}.`, adjective, factbook),
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

const cityFacts: Maker = ({ inText, profile }, { factbook }) => {
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
    fact(
      'largest-city',
      `The largest city of ${inText} is ${largest.name}, with about ${rounded(largest.people)} people in its urban area.`,
      largest.name,
      factbook,
    ),
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

const stateFacts: Maker = ({ inText, profile }, { factbook }) => {
  const get = (...path: string[]) => profile?.field('Government', ...path);
  const type = withoutBrackets(get('Government type') ?? '')
    .split(';')[0]!
    .replace(/parliamentary$/, 'parliamentary democracy');
  const holiday = /^(.+?), (\d{1,2} [A-Z][a-z]+)/.exec(get('National holiday') ?? '');
  const flag = trimmed((get('Flag description') ?? '').split(';')[0]!, 260);
  const anthem = /^"?([^"(;]+)"?/.exec(get('National anthem', 'name') ?? '')?.[1]?.trim();
  const symbol = (get('National symbol(s)') ?? '').split(';')[0]!;
  return [
    type === ''
      ? undefined
      : fact(
          'government',
          `The government of ${inText} is a ${lower(type)}.`.replace(/\ba ([aeiou])/, 'an $1'),
          lower(type),
          factbook,
        ),
    ...independenceFacts(inText, get('Independence') ?? '', factbook),
    holiday === null
      ? undefined
      : fact(
          'national-holiday',
          `The national holiday of ${inText} is ${holiday[1]}, on ${holiday[2]}.`,
          `${holiday[1]}, on ${holiday[2]}`,
          factbook,
        ),
    flag.length < 10
      ? undefined
      : fact('flag', `The flag of ${inText} is described as ${lower(flag)}.`, lower(flag), factbook),
    anthem === undefined
      ? undefined
      : fact('anthem', `The national anthem of ${inText} is called "${anthem}".`, anthem, factbook),
    symbol === '' || symbol.length > 80
      ? undefined
      : fact(
          'national-symbol',
          `The national symbol of ${inText} is the ${symbol.replace(/^the /, '')}.`,
          symbol.replace(/^the /, ''),
          factbook,
        ),
  ];
};

function independenceFacts(inText: string, text: string, source: string): readonly Fact[] {
  const match = /^(\d{1,2} [A-Z][a-z]+ \d{4}) \((?:[a-z ]*)from (?:the )?([^;)]+?)\)/.exec(text);
  if (match === null) {
    const date = /^(\d{1,2} [A-Z][a-z]+ \d{4})/.exec(text)?.[1];
    return date === undefined ? [] : [fact('independence', `${inText} became independent on ${date}.`, date, source)];
  }
  const from = match[2]!.replace(/^UK\b/, 'United Kingdom').replace(/^US\b/, 'United States');
  const article = /^(United|Soviet|Netherlands|Ottoman|UN|Spanish)/.test(from) ? 'the ' : '';
  return [
    fact('independence', `${inText} became independent on ${match[1]}.`, match[1]!, source),
    fact('independence-from', `${inText} gained independence from ${article}${from}.`, from, source),
  ];
}

const economyFacts: Maker = ({ inText, profile }, { factbook }) => {
  const get = (...path: string[]) => profile?.field('Economy', ...path);
  const exports = listItems(get('Exports - commodities') ?? '').slice(0, 5);
  const resources = listItems(
    profile?.field('Geography', 'Natural resources') ??
      profile?.field('Geography', 'Natural resources', 'metropolitan France') ??
      '',
  ).slice(0, 6);
  const gdp = firstNumber((get('GDP (official exchange rate)') ?? '').replace('$', ''));
  return [
    exports.length === 0
      ? undefined
      : fact('exports', `The main exports of ${inText} are ${joined(exports)}.`, joined(exports), factbook),
    resources.length === 0
      ? undefined
      : fact(
          'natural-resources',
          `The natural resources of ${inText} include ${joined(resources)}.`,
          joined(resources),
          factbook,
        ),
    gdp === undefined || gdp < 1e6
      ? undefined
      : fact(
          'gdp',
          `The gross domestic product (GDP) of ${inText} was about $${rounded(gdp)} in 2014.`,
          `$${rounded(gdp)}`,
          factbook,
        ),
  ];
};

const timeFacts: Maker = ({ inText, profile, iso2, sovereign }, { factbook }) => {
  const zone = /^UTC ?([+-] ?\d+(?:[:.]\d+)?|0)?/.exec(
    profile?.field('Government', 'Capital', 'time difference') ?? '',
  );
  const tld = `.${iso2 === 'GB' ? 'uk' : iso2.toLowerCase()}`;
  const zoneText = zone === null ? '' : `UTC${(zone[1] ?? '').replace(' ', '')}`;
  const climate = trimmed(
    (
      profile?.field('Geography', 'Climate') ??
      profile?.field('Geography', 'Climate', 'metropolitan France') ??
      ''
    ).split(';')[0]!,
    200,
  );
  return [
    profile === undefined
      ? undefined
      : fact('internet-domain', `The internet top-level domain of ${inText} is ${tld}.`, tld, factbook),
    zone === null || !sovereign
      ? undefined
      : fact('time-zone', `The time zone of the capital of ${inText} is ${zoneText}.`, zoneText, factbook),
    climate === '' || !sovereign
      ? undefined
      : fact('climate', climateText(inText, lower(climate)), lower(climate), factbook),
  ];
};

function climateText(inText: string, climate: string): string {
  if (/^(varies|ranges|extremes) /.test(climate)) return `The climate of ${inText} ${climate}.`;
  return `The climate of ${inText} can be described as ${climate}.`;
}

const BASIC: readonly Maker[] = [listFacts, geographyFacts, peopleFacts, timeFacts];
const DETAILED: readonly Maker[] = [cityFacts, stateFacts, economyFacts];

function fact(relation: string, text: string, value: string, source: string): Fact {
  return { relation, text, value, source };
}

/** "a, b and c". */
export function joined(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

/** Cut at a comma or word below a number of characters. */
function trimmed(text: string, charactersMax: number): string {
  if (text.length <= charactersMax) return text.replace(/[.;, ]+$/, '');
  const cut = text.slice(0, charactersMax);
  return cut.slice(0, Math.max(cut.lastIndexOf(','), cut.lastIndexOf(' ', charactersMax - 40))).replace(/[.;, ]+$/, '');
}

/** First letter small unless a name or abbreviation seems to begin there. */
function lower(text: string): string {
  const isName =
    /^([A-Z][a-z]+ (and|of|in|with|to|or|part|America|Europe|Africa|Asia|East)\b|[A-Z][a-z-]+,|[A-Z]{2})/.test(text);
  return isName ? text : (text[0] ?? '').toLowerCase() + text.slice(1);
}

/** First letter large. */
function capital(text: string): string {
  return (text[0] ?? '').toUpperCase() + text.slice(1);
}
