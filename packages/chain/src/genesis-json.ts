/**
 * The genesis document as JSON (spec: state §2). Owns reading it strictly: unknown, missing and mistyped fields are named.
 * What the values must satisfy together is genesis.ts.
 */
import { type Decoded, decoded, notDecoded } from './codec/index.ts';
import { isHex } from './crypto/hex.ts';
import { parseAddress } from './crypto/index.ts';
import type {
  Address,
  Amount,
  ChainParams,
  ExpertProfile,
  Genesis,
  Hash,
  PublicKey,
  Validator,
} from './types/index.ts';

type Reader<T> = (value: unknown, path: string) => T;

/** Carries the first problem from a reader to `readGenesisJson`, which turns it into a verdict. */
class Unreadable extends Error {}

function fail(path: string, expected: string): never {
  throw new Unreadable(`${path === '' ? 'the document' : path} must be ${expected}`);
}

function record<T extends object>(readers: { readonly [K in keyof T]: Reader<T[K]> }): Reader<T> {
  const names = Object.keys(readers) as (keyof T & string)[];
  return (value, path) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return fail(path, 'an object');
    const given = value as Readonly<Record<string, unknown>>;
    const at = (name: string): string => (path === '' ? name : `${path}.${name}`);
    for (const name of Object.keys(given)) {
      if (!names.includes(name as keyof T & string))
        fail(at(name), `left out: the fields here are ${names.join(', ')}`);
    }
    const entries = names.map((name) => {
      if (!Object.hasOwn(given, name)) fail(at(name), 'given');
      return [name, readers[name](given[name], at(name))];
    });
    return Object.fromEntries(entries) as T;
  };
}

function array<T>(item: Reader<T>): Reader<readonly T[]> {
  return (value, path) =>
    Array.isArray(value) ? value.map((entry, index) => item(entry, `${path}[${index}]`)) : fail(path, 'a list');
}

const text: Reader<string> = (value, path) => (typeof value === 'string' ? value : fail(path, 'text'));

const boolean: Reader<boolean> = (value, path) => (typeof value === 'boolean' ? value : fail(path, 'true or false'));

const integer: Reader<number> = (value, path) =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
    ? value
    : fail(path, 'a whole number, not negative');

const amount: Reader<Amount> = (value, path) =>
  typeof value === 'string' && /^(0|[1-9][0-9]{0,19})$/.test(value)
    ? BigInt(value)
    : fail(path, 'a decimal string such as "1000"');

const hash: Reader<Hash> = (value, path) =>
  typeof value === 'string' && isHex(value, 32) ? (value as Hash) : fail(path, '64 lowercase hex digits');

const publicKey: Reader<PublicKey> = (value, path) =>
  typeof value === 'string' && isHex(value, 32) ? (value as PublicKey) : fail(path, '64 lowercase hex digits');

const address: Reader<Address> = (value, path) => {
  const parsed = typeof value === 'string' ? parseAddress(value) : notDecoded<Address>('not text');
  return parsed.ok ? parsed.value : fail(path, `an address (${parsed.reason})`);
};

const one: Reader<1> = (value, path) => (value === 1 ? 1 : fail(path, '1'));

const params: Reader<ChainParams> = record<ChainParams>({
  blockBytesMax: integer,
  transactionBytesMax: integer,
  extensionBytesMax: integer,
  promptBytesMax: integer,
  answerBytesMax: integer,
  respondentsMax: integer,
  windowMax: integer,
  expertBondMin: amount,
  baseFeePerByteMin: amount,
  blockBytesTarget: integer,
  thresholdMax: integer,
  basePartMin: integer,
  reputationForgetting: integer,
  absenceHeights: integer,
  timeouts: record<ChainParams['timeouts']>({
    proposeMs: integer,
    proposeDeltaMs: integer,
    prevoteMs: integer,
    prevoteDeltaMs: integer,
    precommitMs: integer,
    precommitDeltaMs: integer,
    blockIntervalMs: integer,
  }),
  clockDriftMsMax: integer,
  staking: record<ChainParams['staking']>({
    epochHeights: integer,
    evidenceAgeHeights: integer,
    evidenceAgeMs: integer,
    trustingPeriodMs: integer,
    unbondingHeights: integer,
    selfBondMin: amount,
    delegationMin: amount,
    commissionStepMax: integer,
    doubleSignSlash: integer,
    downtimeSlash: integer,
    revealMismatchSlash: integer,
    downtimeWindow: integer,
    downtimeMissedMax: integer,
    jailHeights: integer,
  }),
  voting: record<ChainParams['voting']>({ depositMin: amount, votingHeights: integer, quorum: integer }),
  market: record<ChainParams['market']>({
    roundsMax: integer,
    sharesMax: integer,
    cancelGrace: integer,
    expertReleaseHeights: integer,
    sharpness: integer,
    exploration: integer,
    breakerFailures: integer,
    breakerHeights: integer,
    breakerHeightsMax: integer,
    idleHeights: integer,
    idleForgetting: integer,
    loadTarget: integer,
    scorersMax: integer,
    verificationShare: integer,
    verifiers: integer,
    substitutionSlash: integer,
    calibrationHeights: integer,
    calibrationsMax: integer,
    epochEmission: amount,
    rewardRatio: integer,
    kappa: integer,
    bondAlphaLow: integer,
    bondAlphaHigh: integer,
    bondSteepness: integer,
  }),
  learning: record<ChainParams['learning']>({
    feedbackWindow: integer,
    feedbackDeposit: amount,
    feedbackBytesMax: integer,
    attestHeights: integer,
    roundItems: integer,
    accountShare: integer,
    trainersMax: integer,
    shardCopies: integer,
    trainWindow: integer,
    deltaWindow: integer,
    gateWindow: integer,
    gateRevealWindow: integer,
    deltaBytesMax: integer,
    aggregator: integer,
    normMax: integer,
    gainMin: integer,
    forgettingMax: integer,
    triggerMax: integer,
    injectionMax: integer,
    spectralMax: integer,
    biasMax: integer,
    biasAlarm: integer,
    canaryShare: integer,
    canaryAnswers: integer,
    canaryHeights: integer,
    scoreTolerance: integer,
    trainerSlash: integer,
    lineageHeights: integer,
    lineageEmission: amount,
    lineageRatio: integer,
  }),
});

const profile: Reader<ExpertProfile> = record<ExpertProfile>({
  name: text,
  operator: address,
  domain: text,
  modelId: hash,
  modelName: text,
  knowledgeRoot: hash,
  knowledgeSize: integer,
  priceInPerByte: amount,
  priceOutPerByte: amount,
  priceQuotePerByte: amount,
  capacity: integer,
});

const genesis: Reader<Genesis> = record<Genesis>({
  formatVersion: one,
  protocolVersion: integer,
  chainId: text,
  time: integer,
  devnet: boolean,
  params,
  validators: array(record<Validator>({ operator: address, publicKey, vrfKey: publicKey, power: amount })),
  accounts: array(record<Genesis['accounts'][number]>({ address, balance: amount })),
  experts: array(record<Genesis['experts'][number]>({ address, publicKey, profile, bond: amount })),
  lines: array(record<Genesis['lines'][number]>({ domain: text, factors: hash, adapter: hash })),
});

/** Reads the form alone: every field present, none unknown, each of its type. The reason names the field. */
export function readGenesisJson(json: unknown): Decoded<Genesis> {
  try {
    return decoded(genesis(json, ''));
  } catch (cause) {
    if (cause instanceof Unreadable) return notDecoded(cause.message);
    throw cause;
  }
}

/** The document as plain JSON data, with fields in the one order of this file and amounts as decimal strings. */
export function genesisToJson(document: Genesis): unknown {
  return plain(genesis(plain(document), ''));
}

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? `${part}` : part)));
}
