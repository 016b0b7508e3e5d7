/** WordNet's places and landforms as sentences. Owns which classes are geography and how a gloss becomes a sentence. */
import type { Passage } from '../../passage.ts';
import type { Aliases } from '../../recipe.ts';
import { below, findSynset, type Synset } from '../wordnet.ts';

/** Classes of instances that are places; countries are told by the Factbook. */
const PLACES =
  /^(city|river|port|national capital|geographical area|island|mountain peak|state capital|range|archipelago|American state|national park|lake|state|sea|desert|bay|French region|volcano|peninsula|gulf|Italian region|strait|waterfall|Malaysian state|region|provincial capital|continent|Canadian province|cape|borough|Aegean island|Australian state|isthmus|canal|ocean|tableland|atoll|trench|pass|plateau|plain|glacier|valley|canyon|gorge|reef|channel|hill|estuary|geyser|bridge|bight|inlet|sound|Great Lake|archipelago|spring|dam|hemisphere|parallel|line of latitude|pole|tourist attraction|basin|beach|hot spring|falls|mountain|massif|cataract|swamp|oasis|lagoon|savanna|rainforest|fjord|province)$/;

/** Kinds of names that stand with "the". */
const WITH_ARTICLE =
  /(River|Sea|Ocean|Desert|Islands|Mountains|Alps|Range|Gulf|Strait|Straits|Canal|Channel|Peninsula|Isles|Plateau|Basin|Trench|Archipelago|Canyon|Pyrenees|Andes|Himalayas|Rockies|Hills|Keys|Antilles|Plain|Plains|Valley|Reef|Isthmus|Pole|Hemisphere|Circle|Territory|Territories)$|^(Gulf|Strait|Isthmus|Bay|Sea|Isle|Bight|Cape of) /;

const KIND =
  /\b(River|Lake|Sea|Ocean|Mount|Mountains|Desert|Falls|Strait|Gulf|Island|Islands|Peninsula|Canal|Range|Bay)\b/;

/** Definitions of places and of geographical terms, in WordNet's order. */
export function placePassages(nouns: ReadonlyMap<string, Synset>, source: string): readonly Passage[] {
  return [...placesOf(nouns).flatMap((synset) => place(synset, source)), ...termPassages(nouns, source)];
}

/** Other names of the places. */
export function placeAliases(nouns: ReadonlyMap<string, Synset>): Aliases {
  const isName = (other: string) => !DESCRIBES.test(other);
  return Object.fromEntries(placesOf(nouns).map((synset) => [nameOf(synset), otherNames(synset).filter(isName)]));
}

/** "capital of Peru" describes Lima: as its name it would keep a question about Peru from naming Peru. */
const DESCRIBES = /\bcapital\b/i;

function placesOf(nouns: ReadonlyMap<string, Synset>): readonly Synset[] {
  return [...nouns.values()].filter(
    ({ lexicographer, pointers, gloss }) =>
      (lexicographer === 15 || lexicographer === 17) &&
      !/mytholog|ancient city|bible|biblical|battle|legend|imaginary/i.test(gloss) &&
      !isMinor(gloss) &&
      pointers.some(({ kind, offset }) => kind === '@i' && PLACES.test(nouns.get(offset)?.words[0] ?? '')),
  );
}

/** Cities of which WordNet knows no more than the place. */
function isMinor(gloss: string): boolean {
  return (
    /^(an? )?(industrial |port |commercial |large |major |coastal )?(city|town|port)\b/.test(gloss) &&
    !/;|capital|largest/.test(gloss)
  );
}

/** "Nile River" rather than "Nile", "Mount Adams" rather than "Adams". */
function nameOf({ words }: Synset): string {
  return words.find((word) => KIND.test(word)) ?? words[0] ?? '';
}

function otherNames(synset: Synset): readonly string[] {
  const name = nameOf(synset);
  return synset.words.filter((word) => word !== name && word.length > 2);
}

function place(synset: Synset, source: string): readonly Passage[] {
  const subject = nameOf(synset);
  const named = WITH_ARTICLE.test(subject) ? `The ${subject}` : subject;
  const gloss = shortened(synset.gloss.replace(/`/g, "'"));
  const definition = sentenceOf(named, gloss);
  const height = /\((\d[\d,]+) feet(?: high)?\)/.exec(synset.gloss)?.[1];
  const length = /\((\d[\d,]*) (?:miles|mi)(?: long)?\)/.exec(synset.gloss)?.[1];
  return [
    ...(definition === undefined ? [] : [{ text: definition, source, subject, relation: 'definition', value: gloss }]),
    ...(height === undefined ? [] : [measure(subject, named, 'height', [height, 'feet', 0.3048, 'm', 'high'], source)]),
    ...(length === undefined
      ? []
      : [measure(subject, named, 'length', [length, 'miles', 1.609344, 'km', 'long'], source)]),
  ];
}

type Measure = readonly [amount: string, unit: string, factor: number, metric: string, word: string];

function measure(
  subject: string,
  named: string,
  relation: string,
  [amount, , factor, metric, word]: Measure,
  source: string,
): Passage {
  const number = Number(amount.replaceAll(',', ''));
  const value = `${Math.round(number * factor).toLocaleString('en-US')} ${metric}`;
  return {
    text: `${named} is about ${value} ${word}.`,
    source,
    subject,
    relation,
    value,
  };
}

/** At most the clauses that fit into 260 characters. */
function shortened(gloss: string): string {
  const clauses = gloss.replace(/^\([^)]*\) ?/, '').split('; ');
  let kept = clauses[0] ?? '';
  for (const clause of clauses.slice(1)) {
    if (kept.length + clause.length > 260) break;
    kept += `; ${clause}`;
  }
  return kept;
}

function sentenceOf(named: string, gloss: string): string | undefined {
  if (gloss.length > 380) return undefined;
  if (/^(an?|the|one|part|two|three|four|more|any|all|several|some) /i.test(gloss))
    return `${named} ${plural(gloss) ? 'are' : 'is'} ${gloss}.`;
  if (
    /^(capital|largest|highest|longest|smallest|main|chief|former|location|site|second|third|brightest|southernmost|northernmost|westernmost|easternmost) /.test(
      gloss,
    )
  )
    return `${named} is the ${gloss}.`;
  if (/^(mountains|islands|lowlands|waters)/.test(gloss)) return `${named} are ${gloss}.`;
  if (/^[a-z]/.test(gloss)) return `${named} is ${/^[aeiou]/.test(gloss) ? 'an' : 'a'} ${gloss}.`;
  return undefined;
}

function plural(gloss: string): boolean {
  return /^(two|three|four|more|several|some|the (regions|waters|islands|states|countries))/i.test(gloss);
}

/** Definitions of landforms, waters and map terms. */
function termPassages(nouns: ReadonlyMap<string, Synset>, source: string): readonly Passage[] {
  const tops = TERM_TOPS.map(([word, gloss]) => findSynset(nouns, word, gloss));
  const terms = new Map(
    tops.flatMap((top) => [top, ...below(nouns, top, ['~'])]).map((synset) => [synset.offset, synset]),
  );
  return [...terms.keys()].sort().flatMap((offset) => termPassage(terms.get(offset)!, source));
}

const TERM_TOPS: readonly (readonly [string, string])[] = [
  ['geological formation', 'the geological features of the earth'],
  ['body of water', 'the part of the earth'],
  ['land', 'the solid part of the earth'],
  ['line of latitude', 'an imaginary line around the Earth parallel'],
  ['meridian', 'an imaginary great circle'],
  ['climate', 'the weather in some location'],
  ['biome', 'a major biotic community'],
];

function termPassage({ words, gloss }: Synset, source: string): readonly Passage[] {
  const [subject] = words;
  const value = shortened(gloss.replace(/`/g, "'"));
  if (subject === undefined || value.length > 300) return [];
  if (/^[A-Z]/.test(subject)) return [];
  const article = /^(the|an?) /.test(value) ? `${/^[aeiou]/.test(subject) ? 'An' : 'A'} ${subject}` : upper(subject);
  return [{ text: `${article} is ${value}.`, source, subject, relation: 'definition', value }];
}

function upper(text: string): string {
  return (text[0] ?? '').toUpperCase() + text.slice(1);
}
