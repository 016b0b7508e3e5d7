/** One-fact sentences about each country: names, codes, state and economy. Owns their order; who the countries are is country.ts. */
import type { Passage } from '../../passage.ts';
import type { Country } from './country.ts';
import { geographyFacts, timeFacts } from './country-land.ts';
import { cityFacts, peopleFacts } from './country-people.ts';
import { capital, type Fact, type FactSources, fact, joined, lower, type Maker, trimmed } from './fact.ts';
import { firstNumber, listItems, rounded, withoutBrackets } from './factbook.ts';
import { drivingSide } from './recent.ts';

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
function officialFact(
  { inText, languages, profile }: Country,
  { list, factbook }: Pick<FactSources, 'list' | 'factbook'>,
): Fact | undefined {
  const text = profile?.field('People and Society', 'Languages') ?? '';
  const marked = text.split(/[,;] (?![^(]*\))/).filter((item) => /\(official(?! in )/.test(item));
  const official = marked.flatMap((item) => listItems(item).slice(0, 1)).map((name) => name.split(' or ')[0]!);
  const [names, source] = official.length > 0 ? [official, factbook] : [languages, list];
  if (names.length === 0) return undefined;
  const [what, are] = names.length === 1 ? ['language', 'is'] : ['languages', 'are'];
  return fact('official-language', `The official ${what} of ${inText} ${are} ${joined(names)}.`, joined(names), source);
}

const stateFacts: Maker = ({ inText, profile }, { factbook }) => {
  const get = (...path: string[]) => profile?.field('Government', ...path);
  const type = withoutBrackets(get('Government type') ?? '')
    .split(';')[0]!
    .replace(/parliamentary$/, 'parliamentary democracy');
  const holiday = /^(.+?), (\d{1,2} [A-Z][a-z]+)/.exec(withoutBrackets(get('National holiday') ?? ''));
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

const BASIC: readonly Maker[] = [listFacts, geographyFacts, peopleFacts, timeFacts, drivingSide];
const DETAILED: readonly Maker[] = [cityFacts, stateFacts, economyFacts];
