/**
 * Where each record of the state lies (spec: state §1). Owns the key strings and nothing about their values.
 */
import { CHAIN_LIMITS } from '../limits.ts';
import type { Address, Hash, Height, PublicKey } from '../types/index.ts';

/** Keys kept of one kind; a full memo starts over, which costs time and changes no result. */
const KEYS_MAX = 65_536;

/** A key that is asked for again and again is the same text object: then the maps that it is looked up in need not read it anew. */
function keyOnce<T extends string | number>(prefix: string): (name: T) => string {
  const known = new Map<T, string>();
  return (name) => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const key = prefix + name;
    if (known.size >= KEYS_MAX) known.clear();
    known.set(name, key);
    return key;
  };
}

/** The same for keys of a pair, by the first name and then the second. */
function pairOnce(prefix: string): (operator: Address, delegator: Address) => string {
  const known = new Map<Address, Map<Address, string>>();
  let count = 0;
  return (operator, delegator) => {
    const before = known.get(operator)?.get(delegator);
    if (before !== undefined) return before;
    if (count >= KEYS_MAX) {
      known.clear();
      count = 0;
    }
    const key = `${prefix}${operator}/${delegator}`;
    const own = known.get(operator) ?? new Map<Address, string>();
    known.set(operator, own.set(delegator, key));
    count += 1;
    return key;
  };
}

/** Key of every kind of record. Two kinds never share a prefix up to the first slash. */
export const stateKeys = {
  chain: 'chain',
  head: 'head',
  params: 'params',
  supply: 'supply',
  validators: 'validators',
  baseFee: 'fee',
  openQueries: 'queries/open',
  account: keyOnce<Address>('account/'),
  beacon: (height: Height): string => `beacon/${height % CHAIN_LIMITS.beaconsKept}`,
  expert: keyOnce<Address>('expert/'),
  experts: (domain: string): string => `experts/${domain}`,
  /** Retired experts whose bond is paid out at the end of that height. */
  releases: (height: Height): string => `releases/${height}`,
  query: keyOnce<Hash>('query/'),
  load: (domain: string): string => `load/${domain}`,
  /** Names of the domains in `load/`. */
  loads: 'loads',
  reputation: (expert: Address, domain: string): string => `reputation/${expert}/${domain}`,
  outcomes: 'market/outcomes',
  /** How near a validator's scores were to the truth, where it is known. */
  accuracy: (operator: Address): string => `accuracy/${operator}`,
  calibrations: (operator: Address): string => `calibrations/${operator}`,
  /** Scores of an expert's answers in this epoch, and the experts that have some. */
  tally: (expert: Address): string => `tally/${expert}`,
  /** What the expert's answers of this epoch paid to scorers in other hands. */
  paidAway: (expert: Address): string => `paid-away/${expert}`,
  tallied: 'tallied',
  /** How many queries each scorer was to score in this epoch, and did. */
  attendance: 'attendance',
  /** Who is bonded to an expert, and the experts that somebody is bonded to. */
  bonds: (expert: Address): string => `bonds/${expert}`,
  bonded: 'bonded',
  /** What an epoch was paid by, and the numbers of the epochs kept. */
  epoch: (epoch: number): string => `epoch/${epoch}`,
  epochs: 'epochs',
  /** Settled queries that take feedback, and those that do so up to the end of that height. */
  asked: (id: Hash): string => `asked/${id}`,
  askedUntil: (height: Height): string => `asked-until/${height}`,
  feedback: (domain: string, number: number): string => `feedback/${domain}/${number}`,
  /** Blobs that wait for attestation. */
  blobs: 'blobs',
  /** Names of the domains in `line/`. */
  lines: 'lines',
  line: (domain: string): string => `line/${domain}`,
  version: (domain: string, number: number): string => `version/${domain}/${number}`,
  /** The round under way. */
  round: (domain: string): string => `round/${domain}`,
  /** RFC 6962 subtree roots of the learnt passages of a version. */
  learnt: (domain: string, version: number): string => `learnt/${domain}/${version}`,
  /** Experts that do not answer with their domain's versions. */
  unlearning: (expert: Address): string => `unlearning/${expert}`,
  lineage: 'lineage',
  transaction: (id: Hash): string => `tx/${id}`,
  included: (height: Height): string => `included/${height}`,
  settled: (height: Height): string => `settled/${height}`,
  /** What is remembered of the block at that height. */
  pastHeader: (height: Height): string => `header/${height}`,
  /** Lowest height in `header/`. */
  pastHeaders: 'headers',
  evidence: (id: Hash): string => `evidence/${id}`,
  /** Heights from which a set in `set/` holds, ascending. */
  sets: 'sets',
  set: (from: Height): string => `set/${from}`,
  /** Changes of the set that are decided and not made yet. */
  updates: 'updates',
  /** Operators that may be taken into the set, and those that wait for a seat among them. */
  candidates: 'candidates',
  bench: 'bench',
  /** Proposals that are voted on or have passed and wait for the end of the epoch, in order. */
  proposals: 'proposals',
  proposal: (id: Hash): string => `proposal/${id}`,
  pool: keyOnce<Address>('pool/'),
  delegation: pairOnce('delegation/'),
  /** All stake on its way out of a pool, and a delegator's part in it. */
  unbonding: keyOnce<Address>('unbonding/'),
  leaving: pairOnce('leaving/'),
  /** A delegator's stake in a pool that still answers for another one. */
  redelegations: pairOnce('redelegations/'),
  /** Part that stake redelegated out of a barred validator's pool owes. */
  owed: (operator: Address): string => `owed/${operator}`,
  /** Who has stake that matures at that height, and where. */
  matures: keyOnce<Height>('matures/'),
  missed: (operator: Address): string => `missed/${operator}`,
  /** Every consensus and beacon key ever used. */
  key: (publicKey: PublicKey): string => `key/${publicKey}`,
} as const;
