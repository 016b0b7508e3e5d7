/** Sentences about a country's land: where it lies, size, coast, borders, extremes, time zone and climate. */
import { type Fact, fact, joined, lower, type Maker, trimmed } from './fact.ts';
import { firstNumber, grouped, withoutBrackets } from './factbook.ts';

export const geographyFacts: Maker = ({ inText, profile, sovereign }, { factbook }) => {
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
function modernName(name: string): string {
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
  if (match === null || /^unnamed| was$/.test(match[1]!)) return undefined;
  const [, given, metres] = match;
  const name = PEAKS[given!] ?? given;
  const article = /(Ocean|Sea|River|Gulf|Channel|Delta|delta|Depression|Bay|coast)$|^(Gulf|Bay|Strait) /.test(name!)
    ? 'the '
    : '';
  return fact(`${which}-point`, `The ${which} point of ${inText} is ${article}${name}, at ${metres} m.`, name!, source);
}

export const timeFacts: Maker = ({ inText, profile, iso2, sovereign }, { factbook }) => {
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
      : fact('internet-domain', `The internet domain of ${inText} is ${tld}.`, tld, factbook),
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
