/** Codes of the larger airports. Owns which airports are larger: international ones and the hubs that are not called so. */
import type { Passage } from '../../passage.ts';
import type { ArchiveFiles } from '../../sources/archive.ts';

export const AIRPORTS_MEMBERS = /^package\/airports\.json$/;

type Airport = {
  readonly name: string;
  readonly city: string | null;
  readonly country: string;
  readonly iata: string | null;
  readonly icao: string | null;
};

const HUBS = new Set(
  'LHR CDG FRA AMS MAD BCN FCO MXP MUC ZRH GVA VIE CPH OSL ARN HEL LIS OPO DUB BRU MAN LGW STN LTN EDI GLA BHX ORY NCE LGA EWR JFK LAX ORD MDW ATL DFW DEN SFO SEA MIA BOS IAH PHX LAS MCO DTW MSP CLT PHL SLC SAN IAD DCA BWI TPA PDX YYZ YVR YUL YYC YOW HND NRT KIX ICN GMP PEK PVG SHA CAN HKG TPE SIN BKK KUL CGK MNL SGN HAN DEL BOM BLR MAA CCU DXB DOH AUH JED RUH TLV IST JNB CPT CAI NBO ADD LOS CMN ALG TUN GRU GIG EZE BOG LIM SCL UIO CCS MEX CUN HAV SYD MEL BNE PER ADL AKL WLG CHC KEF WAW PRG BUD OTP SOF ATH BEG ZAG LED SVO DME KBP RIX VNO TLL TXL HAM DUS STR CGN'.split(
    ' ',
  ),
);

/** One fact an airport, in the order of the codes. */
export function airportPassages(
  files: ArchiveFiles,
  source: string,
  capitals: ReadonlySet<string>,
): readonly Passage[] {
  const airports = (files.json('package/airports.json') as readonly Airport[])
    .filter((airport) => isLarger(airport, capitals))
    .sort((a, b) => ((a.iata ?? '') < (b.iata ?? '') ? -1 : 1));
  const known = new Set<string>();
  return airports.flatMap((airport) => {
    const { name, country, iata } = airport;
    if (known.has(name)) return [];
    known.add(name);
    const place = airport.city === null || name.includes(airport.city) ? country : `${airport.city}, ${country}`;
    const codes = { source, subject: name, relation: 'airport-code', value: iata };
    const code = { ...codes, text: `The IATA code of ${name} in ${place} is ${iata}.` };
    return [code];
  });
}

/** Hubs, airports of capitals, and the first international airport of any other city whose name says the city's. */
function isLarger({ name, iata, icao, city }: Airport, capitals: ReadonlySet<string>): boolean {
  if (!/^[A-Z]{3}$/.test(iata ?? '') || !/^[A-Z]{4}$/.test(icao ?? '') || city === null) return false;
  if (/ (Air Force|Air Base|AFB|Heliport|Railway|Station|Regional|Municipal)/.test(name)) return false;
  if (HUBS.has(iata ?? '')) return true;
  return /Inter(national|continental)/.test(name) && (capitals.has(city) || name.includes(city));
}
