/** Joins the Factbook with the list of countries. Owns a country's names and codes. */
import type { ArchiveFiles } from '../../sources/archive.ts';
import { type Profile, readProfiles, withoutBrackets } from './factbook.ts';

export type Country = {
  readonly iso2: string;
  readonly iso3: string;
  /** Name as people write it, without article. */
  readonly name: string;
  /** Name inside a sentence: "the Netherlands". */
  readonly inText: string;
  readonly aliases: readonly string[];
  readonly sovereign: boolean;
  readonly continent: string;
  readonly capital: string;
  readonly currencies: readonly { readonly code: string; readonly name: string }[];
  readonly languages: readonly string[];
  readonly phone: string | undefined;
  readonly profile: Profile | undefined;
};

type ListedCountry = {
  readonly name: string;
  readonly alias?: readonly string[];
  readonly phone: readonly number[];
  readonly continent: string;
  readonly capital: string;
  readonly currency: readonly string[];
  readonly languages: readonly string[];
};

const ARTICLE =
  /^(Bahamas|Cayman Islands|Central African Republic|Comoros|Cook Islands|Czech Republic|Democratic Republic of the Congo|Dominican Republic|Falkland Islands|Faroe Islands|Gambia|Isle of Man|Maldives|Marshall Islands|Netherlands|Northern Mariana Islands|Philippines|Republic of the Congo|Seychelles|Solomon Islands|Turks and Caicos Islands|United Arab Emirates|United Kingdom|United States|British Virgin Islands|U\.S\. Virgin Islands|Pitcairn Islands|British Indian Ocean Territory)$/;

/** Names that the list spells unlike people do, by code. */
const NAMES: Readonly<Record<string, string>> = {
  CD: 'Democratic Republic of the Congo',
  CG: 'Republic of the Congo',
  CZ: 'Czech Republic',
  MM: 'Myanmar',
  MO: 'Macau',
  SZ: 'Eswatini',
  TL: 'Timor-Leste',
  TR: 'Turkey',
  VA: 'Vatican City',
  MK: 'North Macedonia',
  RU: 'Russia',
  FM: 'Micronesia',
  CI: 'Ivory Coast',
  PS: 'Palestine',
  VI: 'U.S. Virgin Islands',
  PN: 'Pitcairn Islands',
};

/** Capitals that the list lacks or spells without accents or in an older way. */
const CAPITALS: Readonly<Record<string, string>> = {
  BI: 'Gitega',
  KZ: 'Astana',
  US: 'Washington, D.C.',
  LK: 'Sri Jayawardenepura Kotte',
  IL: 'Jerusalem',
  PS: 'Ramallah',
  NR: 'Yaren',
  BO: 'Sucre',
  UA: 'Kyiv',
  MM: 'Naypyidaw',
  TZ: 'Dodoma',
  ZA: 'Pretoria',
};

const MORE_ALIASES: Readonly<Record<string, readonly string[]>> = {
  AE: ['UAE', 'Emirates'],
  BA: ['Bosnia', 'Bosnia-Herzegovina', 'BiH'],
  BN: ['Brunei Darussalam'],
  BS: ['The Bahamas', 'Bahama Islands'],
  BY: ['Byelorussia'],
  CD: ['DRC', 'DR Congo', 'Congo-Kinshasa', 'Zaire', 'Congo (Kinshasa)'],
  CF: ['CAR'],
  CG: ['Congo', 'Congo-Brazzaville', 'Congo Republic', 'Congo (Brazzaville)'],
  CI: ["Cote d'Ivoire", 'Côte d’Ivoire', "Côte d'Ivoire"],
  CN: ['PRC', "People's Republic of China", 'mainland China'],
  CV: ['Cabo Verde', 'Cape Verde Islands'],
  CZ: ['Czechia', 'Czech'],
  DE: ['Federal Republic of Germany', 'Deutschland'],
  DO: ['Dominicana'],
  FK: ['Falklands', 'Islas Malvinas', 'Malvinas'],
  FM: ['Federated States of Micronesia'],
  GB: ['UK', 'U.K.', 'Britain', 'Great Britain', 'United Kingdom of Great Britain and Northern Ireland'],
  GM: ['The Gambia'],
  IE: ['Republic of Ireland', 'Eire'],
  IR: ['Persia'],
  KP: ['DPRK', 'N. Korea', "Democratic People's Republic of Korea"],
  KR: ['S. Korea', 'Republic of Korea', 'ROK', 'Korea'],
  LA: ["Lao People's Democratic Republic", 'Lao'],
  LK: ['Ceylon'],
  MK: ['Macedonia', 'FYROM'],
  MM: ['Burma'],
  MO: ['Macao'],
  NL: ['Holland', 'The Netherlands'],
  RU: ['Russian Federation'],
  ST: ['Sao Tome and Principe', 'São Tomé and Príncipe', 'Sao Tome'],
  SY: ['Syrian Arab Republic'],
  SZ: ['Swaziland'],
  TL: ['East Timor'],
  TR: ['Türkiye', 'Turkiye'],
  TW: ['Republic of China', 'Formosa', 'Chinese Taipei'],
  US: ['USA', 'U.S.', 'U.S.A.', 'US', 'America', 'United States of America', 'the States'],
  VA: ['Holy See', 'the Vatican', 'Vatican', 'Vatican City State'],
  VN: ['Viet Nam'],
  VC: ['St. Vincent and the Grenadines', 'Saint Vincent'],
  KN: ['St. Kitts and Nevis', 'Saint Kitts'],
  LC: ['St. Lucia'],
  TT: ['Trinidad'],
  AG: ['Antigua'],
  TH: ['Siam'],
  MD: ['Moldavia'],
  ZW: ['Rhodesia'],
  KH: ['Kampuchea'],
  BJ: ['Dahomey'],
  BF: ['Upper Volta'],
  KG: ['Kirghizia', 'Kyrgyz Republic'],
};

/** Codes of the 193 members of the United Nations and the Vatican, Palestine, Kosovo and Taiwan. */
const SOVEREIGN = new Set(
  'AF AL DZ AD AO AG AR AM AU AT AZ BS BH BD BB BY BE BZ BJ BT BO BA BW BR BN BG BF BI CV KH CM CA CF TD CL CN CO KM CG CD CR CI HR CU CY CZ DK DJ DM DO EC EG SV GQ ER EE SZ ET FJ FI FR GA GM GE DE GH GR GD GT GN GW GY HT HN HU IS IN ID IR IQ IE IL IT JM JP JO KZ KE KI KP KR KW KG LA LV LB LS LR LY LI LT LU MG MW MY MV ML MT MH MR MU MX FM MD MC MN ME MA MZ MM NA NR NP NL NZ NI NE NG MK NO OM PK PW PA PG PY PE PH PL PT QA RO RU RW KN LC VC WS SM ST SA SN RS SC SL SG SK SI SB SO ZA SS ES LK SD SR SE CH SY TJ TZ TH TL TG TO TT TN TR TM TV UG UA AE GB US UY UZ VU VE VN YE ZM ZW VA PS XK TW'.split(
    ' ',
  ),
);

export const COUNTRIES_MEMBERS =
  /^package\/(countries|continents|currencies|languages)\.min\.json$|^package\/minimal\/(countries\.2to3|languages\.en)\.min\.json$/;

/** Countries and territories that have a code, in the order of their codes. */
export function readCountries(list: ArchiveFiles, factbook: ArchiveFiles): readonly Country[] {
  const listed = list.json('package/countries.min.json') as Record<string, ListedCountry>;
  const tables: Tables = {
    continents: list.json('package/continents.min.json') as Record<string, string>,
    currencies: list.json('package/currencies.min.json') as Record<string, { readonly name: string }>,
    languages: list.json('package/minimal/languages.en.min.json') as Record<string, string>,
    iso3: list.json('package/minimal/countries.2to3.min.json') as Record<string, string>,
  };
  const profiles = new Map(readProfiles(factbook).map((profile) => [profile.iso, profile]));
  return Object.keys(listed)
    .sort()
    .map((iso2) => countryOf(iso2, listed[iso2]!, tables, profiles.get(iso2)));
}

type Tables = {
  readonly continents: Readonly<Record<string, string>>;
  readonly currencies: Readonly<Record<string, { readonly name: string }>>;
  readonly languages: Readonly<Record<string, string>>;
  readonly iso3: Readonly<Record<string, string>>;
};

function countryOf(iso2: string, listed: ListedCountry, tables: Tables, profile: Profile | undefined): Country {
  const name = NAMES[iso2] ?? listed.name.replace(/ \(.*\)$/, '');
  return {
    iso2,
    iso3: tables.iso3[iso2] ?? '',
    name,
    inText: ARTICLE.test(name) ? `the ${name}` : name,
    aliases: aliasesOf(iso2, name, listed, profile),
    sovereign: SOVEREIGN.has(iso2),
    continent: tables.continents[listed.continent] ?? '',
    capital: CAPITALS[iso2] ?? listed.capital,
    currencies: listed.currency
      .slice(0, 2)
      .flatMap((code) => (tables.currencies[code] ? [{ code, name: tables.currencies[code].name }] : [])),
    languages: listed.languages.flatMap((code) => tables.languages[code] ?? []),
    phone: listed.phone[0] === undefined ? undefined : `+${listed.phone[0]}`,
    profile,
  };
}

function aliasesOf(iso2: string, name: string, listed: ListedCountry, profile: Profile | undefined): readonly string[] {
  const long = withoutBrackets(profile?.field('Government', 'Country name', 'conventional long form') ?? '').split(
    ';',
  )[0]!;
  const short = withoutBrackets(profile?.field('Government', 'Country name', 'conventional short form') ?? '');
  const all = [listed.name, ...(listed.alias ?? []), ...(MORE_ALIASES[iso2] ?? []), short, long];
  const wanted = all.filter(
    (alias) => alias.length > 1 && alias !== name && !/^none$|;/.test(alias) && !NOT_NAMES.has(alias),
  );
  return [...new Set(wanted)].slice(0, 12);
}

/** Short forms that mean something else, and long forms of countries that have changed. */
const NOT_NAMES = new Set([
  'The Dominican',
  'Virgin Islands',
  'Union of Burma',
  'Kingdom of Swaziland',
  'Republic of Macedonia',
]);
