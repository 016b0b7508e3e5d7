/** What contributors tell of countries that the Factbook of 2015 tells too early or not at all. Owns populations.txt's format, `code | people`, and where one drives on the left. */
import { readFileSync } from 'node:fs';
import { SynodError } from '@synod/chain';
import { fact, type Maker } from './fact.ts';

const FILE = 'geography/populations.txt';
export const POPULATIONS_YEAR = 2024;

/** Rounded numbers of people, as they stand in a sentence, by two-letter code. Errors: KNOWLEDGE_FORMAT naming the line. */
export function parsePopulations(text: string): ReadonlyMap<string, string> {
  const people = new Map<string, string>();
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const [, code, number] = /^([A-Z]{2}) \| (\d[\d,.]*(?: (?:million|billion))?)$/.exec(line) ?? [];
    if (code === undefined || number === undefined || people.has(code)) {
      throw new SynodError('KNOWLEDGE_FORMAT', `${FILE}:${index + 1} is not "code | people". Mend the line.`, {
        facts: { file: FILE, line: index + 1 },
      });
    }
    people.set(code, number);
  }
  return people;
}

const POPULATIONS = parsePopulations(readFileSync(new URL(`../../../data/${FILE}`, import.meta.url), 'utf8'));

/** A country's people today, where contributors tell them. */
export const recentPopulation: Maker = ({ iso2, inText }, { own }) => {
  const people = POPULATIONS.get(iso2);
  if (people === undefined) return [];
  return [
    fact('population', `The population of ${inText} is about ${people} people (${POPULATIONS_YEAR}).`, people, own),
  ];
};

/** Countries and territories with traffic on the left; all others drive on the right. */
const LEFT = new Set(
  (
    'AG AI AU BB BD BM BN BS BT BW CC CK CX CY DM FJ FK GB GD GG GS GY HK ID IE IM IN JE JM JP KE KI KN KY LC LK LS MO MS MT MU MV MW MY MZ ' +
    'NA NF NP NR NU NZ PG PK PN SB SC SG SH SR SZ TC TH TK TL TO TT TV TZ UG VC VG VI WS ZA ZM ZW'
  ).split(' '),
);

/** Without roads, or nobody's country. */
const ROADLESS = new Set(['AQ', 'BV', 'HM', 'TF', 'UM']);

export const drivingSide: Maker = ({ iso2, inText }, { own }) => {
  if (ROADLESS.has(iso2)) return [];
  const side = LEFT.has(iso2) ? 'left' : 'right';
  return [fact('driving-side', `In ${inText} people drive on the ${side} side of the road.`, side, own)];
};
