/**
 * The state a chain starts from (spec: state §2). Owns what a genesis document must satisfy, its hash and its state;
 * its JSON form is genesis-json.ts.
 */
import { genesisBeacon } from './beacon.ts';
import { type Decoded, decoded, encodeChainParams, notDecoded, taggedHash } from './codec/index.ts';
import { addressOf } from './crypto/index.ts';
import { SynodError } from './errors.ts';
import { genesisToJson, readGenesisJson } from './genesis-json.ts';
import { newLine, writeLine, writeVersion } from './learning/learning-records.ts';
import { firstVersion } from './learning/versions.ts';
import { CHAIN_LIMITS } from './limits.ts';
import { isName, profileProblem } from './market/contract-check.ts';
import { newExpert } from './market/expert-register.ts';
import { StateTree } from './merkle/index.ts';
import { writeFirstPools } from './staking/first-pools.ts';
import { STAKE_PER_POWER } from './staking/pool-shares.ts';
import { createValidatorRecord } from './staking/proposer-rotation.ts';
import { setSizeMax } from './staking/validator-sets.ts';
import { stateKeys } from './state/keys.ts';
import { type ChainParamsOverrides, defaultChainParams, paramsProblem } from './state/params.ts';
import {
  addExpert,
  writeAccount,
  writeBaseFee,
  writeBeacon,
  writeHead,
  writeSupply,
  writeValidatorRecord,
} from './state/records.ts';
import { Overlay } from './state/view.ts';
import type { Genesis, Hash, Power, Supply } from './types/index.ts';

/** Version of the rules in this package. */
export const PROTOCOL_VERSION = 1;

export type GenesisInput = Pick<Genesis, 'chainId' | 'time' | 'validators' | 'accounts' | 'experts'> & {
  readonly lines?: Genesis['lines'];
  readonly devnet?: boolean;
  readonly params?: ChainParamsOverrides;
};

/** A document with defaults filled in and every list sorted. Throws `GENESIS_INVALID` with the reason. */
export function createGenesis(input: GenesisInput): Genesis {
  const document: Genesis = {
    formatVersion: 1,
    protocolVersion: PROTOCOL_VERSION,
    chainId: input.chainId,
    time: input.time,
    devnet: input.devnet ?? false,
    params: defaultChainParams(input.params),
    validators: sortedBy(input.validators, ({ operator }) => operator),
    accounts: sortedBy(input.accounts, ({ address }) => address),
    experts: sortedBy(input.experts, ({ address }) => address),
    lines: sortedBy(input.lines ?? [], ({ domain }) => domain),
  };
  requireGood(document);
  return document;
}

/** Reads an untrusted document: its form, then what its values must satisfy. The reason is a sentence for a person. */
export function parseGenesis(json: unknown): Decoded<Genesis> {
  const read = readGenesisJson(json);
  if (!read.ok) return read;
  const problem = genesisProblem(read.value);
  return problem === null ? decoded(read.value) : notDecoded(problem);
}

/** Names the chain: the tagged hash of the document's JSON text with fields in their one order and no spaces. */
export function genesisHash(document: Genesis): Hash {
  return taggedHash('synod/genesis/1', new TextEncoder().encode(JSON.stringify(genesisToJson(document))));
}

/** State at height 0. Throws `GENESIS_INVALID` for a document that `parseGenesis` would refuse. */
export function createGenesisState(document: Genesis): StateTree {
  requireGood(document);
  const { params, validators, accounts, experts, lines } = document;
  const empty = StateTree.empty();
  const overlay = new Overlay(empty);
  overlay.set(stateKeys.chain, new TextEncoder().encode(document.chainId));
  overlay.set(stateKeys.params, encodeChainParams(params));
  writeHead(overlay, 0);
  writeSupply(overlay, genesisSupply(document));
  writeValidatorRecord(overlay, createValidatorRecord(validators));
  writeFirstPools(overlay, validators);
  writeBaseFee(overlay, params.baseFeePerByteMin);
  writeBeacon(overlay, 0, genesisBeacon(genesisHash(document)));
  for (const { address, balance } of accounts) writeAccount(overlay, address, { balance });
  for (const expert of experts) addExpert(overlay, newExpert({ ...expert, registeredAt: 0 }));
  for (const line of lines) {
    writeLine(overlay, newLine(line.domain));
    writeVersion(overlay, firstVersion(line));
  }
  return empty.update(overlay.writes());
}

/** Everything that exists at height 0: balances, experts' bonds, validators' stake (1 SYN per unit of power). */
function genesisSupply({ accounts, experts, validators }: Genesis): Supply {
  const balances = accounts.reduce((sum, { balance }) => sum + balance, 0n);
  const bonded = experts.reduce((sum, { bond }) => sum + bond, 0n);
  const staked = totalPower(validators) * STAKE_PER_POWER;
  return { issued: balances + bonded + staked, burnt: 0n, escrowed: 0n, bonded, staked, unbonding: 0n };
}

function requireGood(document: Genesis): void {
  const problem = genesisProblem(document);
  if (problem === null) return;
  throw new SynodError(
    'GENESIS_INVALID',
    `The genesis document cannot start a chain: ${problem}. Correct it and start again.`,
  );
}

/** What is wrong with the document in words, or null. */
export function genesisProblem(document: Genesis): string | null {
  const { chainId, params, validators, protocolVersion } = document;
  if (protocolVersion !== PROTOCOL_VERSION) return `protocolVersion must be ${PROTOCOL_VERSION}`;
  if (!/^[a-z0-9-]{1,48}$/.test(chainId)) return 'chainId must be 1 to 48 characters of a-z, 0-9 and -';
  const range = paramsProblem(params);
  if (range !== null) return range;
  if (validators.length === 0) return 'validators must have at least one entry';
  if (validators.length > CHAIN_LIMITS.validatorsMax)
    return `validators must have at most ${CHAIN_LIMITS.validatorsMax} entries`;
  return (
    sizeProblem(document) ??
    validatorsProblem(document) ??
    accountsProblem(document) ??
    expertsProblem(document) ??
    linesProblem(document)
  );
}

/** A full block under a commit full of extensions must still be encodable (spec: state §8.4). */
function sizeProblem({ params, validators }: Genesis): string | null {
  if (validators.length <= setSizeMax(params)) return null;
  return `params.extensionBytesMax is too large for ${validators.length} validators beside params.blockBytesMax`;
}

function validatorsProblem({ validators, params }: Genesis): string | null {
  if (!isStrictlySorted(validators.map(({ operator }) => operator)))
    return 'validators must be sorted by operator, each once';
  const keys = validators.flatMap(({ publicKey, vrfKey }) => [publicKey, vrfKey]);
  if (new Set(keys).size !== keys.length) return 'validators must not share keys';
  if (validators.some(({ power }) => power < 1n)) return 'validators must have a power of at least 1';
  if (validators.some(({ power }) => power * STAKE_PER_POWER < params.staking.selfBondMin))
    return 'validators must have a power worth params.staking.selfBondMin';
  return totalPower(validators) > CHAIN_LIMITS.totalPowerMax ? 'validators have too much power together' : null;
}

function accountsProblem(document: Genesis): string | null {
  if (!isStrictlySorted(document.accounts.map(({ address }) => address)))
    return 'accounts must be sorted by address, each once';
  if (document.accounts.some(({ balance }) => balance === 0n)) return 'accounts must have a balance above 0';
  return genesisSupply(document).issued > CHAIN_LIMITS.amountMax ? 'the money issued exceeds 2^64 - 1 nano' : null;
}

function expertsProblem({ experts, params }: Genesis): string | null {
  if (!isStrictlySorted(experts.map(({ address }) => address))) return 'experts must be sorted by address, each once';
  for (const [index, { address, publicKey, profile, bond }] of experts.entries()) {
    if (addressOf(publicKey) !== address) return `experts[${index}].publicKey is not the key of its address`;
    const field = profileProblem(profile);
    if (field !== null) return `experts[${index}].profile.${field} is out of bounds`;
    if (bond < params.expertBondMin) return `experts[${index}].bond must be at least ${params.expertBondMin}`;
  }
  return null;
}

function linesProblem({ lines }: Genesis): string | null {
  if (!isStrictlySorted(lines.map(({ domain }) => domain))) return 'lines must be sorted by domain, each once';
  if (lines.length > CHAIN_LIMITS.learningDomainsMax)
    return `lines must have at most ${CHAIN_LIMITS.learningDomainsMax} entries`;
  const index = lines.findIndex(({ domain }) => !isName(domain));
  return index === -1 ? null : `lines[${index}].domain is out of bounds`;
}

function totalPower(validators: Genesis['validators']): Power {
  return validators.reduce((sum, { power }) => sum + power, 0n);
}

function isStrictlySorted(texts: readonly string[]): boolean {
  return texts.every((text, index) => index === 0 || texts[index - 1]! < text);
}

function sortedBy<T>(items: readonly T[], key: (item: T) => string): T[] {
  return [...items].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
