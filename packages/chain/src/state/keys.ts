/**
 * Where each record of the state lies (spec: state §1). Owns the key strings and nothing about their values.
 */
import { CHAIN_LIMITS } from '../limits.ts';
import type { Address, Hash, Height } from '../types/index.ts';

/** Key of every kind of record. Two kinds never share a prefix up to the first slash. */
export const stateKeys = {
  chain: 'chain',
  head: 'head',
  params: 'params',
  supply: 'supply',
  validators: 'validators',
  baseFee: 'fee',
  openQueries: 'queries/open',
  account: (address: Address): string => `account/${address}`,
  beacon: (height: Height): string => `beacon/${height % CHAIN_LIMITS.beaconsKept}`,
  expert: (address: Address): string => `expert/${address}`,
  experts: (domain: string): string => `experts/${domain}`,
  query: (id: Hash): string => `query/${id}`,
  reputation: (expert: Address, domain: string): string => `reputation/${expert}/${domain}`,
  transaction: (id: Hash): string => `tx/${id}`,
  included: (height: Height): string => `included/${height}`,
  settled: (height: Height): string => `settled/${height}`,
  evidence: (id: Hash): string => `evidence/${id}`,
} as const;
