/**
 * The way of an expert onto the chain: its key, its money, the operator's consent, the registration. Owns the order that survives
 * Ctrl-C at any moment: the key is on disk before it is paid, and what was done already is not done again.
 */
import {
  type Address,
  type Amount,
  consentSignBytes,
  type ExpertProfile,
  formatSyn,
  type OperatorConsent,
  publicKeyOf,
  SynodError,
  sign,
} from '@synod/chain';
import type { ExpertCardJson } from '@synod/rpc/client';
import type { DevnetRecord } from '../devnet/record.ts';
import type { AccountKey } from '../keys/key-file.ts';
import type { NodeClient } from '../rpc/node-client.ts';
import { type Submitted, signAndSubmit } from '../rpc/signed-transaction.ts';
import { resolveValidator, signerKey } from '../rpc/signer-key.ts';

/** Left with the expert for the fees of its commits and reveals: some thousand answers. */
export const FEE_RESERVE: Amount = 100_000_000n;
/** Left with the payer for the fee of the transfer. */
const TRANSFER_FEE_MAX: Amount = 1_000_000n;

export type Registration = {
  readonly node: NodeClient;
  readonly chainId: string;
  /** Pays the bond. */
  readonly payer: AccountKey;
  readonly operator: AccountKey;
  readonly expert: AccountKey;
  readonly profile: ExpertProfile;
  readonly bond: Amount;
};

/** The expert's card, or null where the address is none. */
export async function cardOf(node: NodeClient, expert: string): Promise<ExpertCardJson | null> {
  try {
    return await node.call('expert_get', { expert });
  } catch (error) {
    if (error instanceof SynodError && error.code === 'UNKNOWN') return null;
    throw error;
  }
}

/** The key of the operator named, else the payer's. Throws `OPERATOR_CONSENT_MISSING` for one whose key is not at hand. */
export function operatorKey(wanted: string | undefined, payer: AccountKey, record: DevnetRecord | null): AccountKey {
  if (wanted === undefined || wanted === payer.address || wanted === payer.name) return payer;
  const address = resolveValidator(wanted, record);
  if (address === payer.address) return payer;
  try {
    return signerKey({ from: wanted }, record);
  } catch {
    // Not one of the devnet's: its owner has to run the command.
    throw new SynodError(
      'OPERATOR_CONSENT_MISSING',
      `${wanted} must agree to be this expert's operator, and its key is not here. Let its owner run this command with --key-file, or leave --operator out to be the operator yourself.`,
      { facts: { operator: address } },
    );
  }
}

/** Throws `INSUFFICIENT_BALANCE` while nothing was sent. Returns what the payer will send. */
export async function requireMoney({
  node,
  payer,
  expert,
  bond,
}: Pick<Registration, 'node' | 'payer' | 'bond'> & { readonly expert: Address | null }): Promise<Amount> {
  const has = expert === null ? 0n : await balanceOf(node, expert);
  const needed = bond + FEE_RESERVE > has ? bond + FEE_RESERVE - has : 0n;
  if (needed === 0n) return 0n;
  const balance = await balanceOf(node, payer.address);
  if (balance >= needed + TRANSFER_FEE_MAX) return needed;
  throw new SynodError(
    'INSUFFICIENT_BALANCE',
    `${payer.name} has ${formatSyn(balance)}; the bond of ${formatSyn(bond)} and ${formatSyn(FEE_RESERVE)} for fees are needed. Nothing was sent. Fund the account, or sign with another one.`,
    { facts: { balance: balance.toString(), needed: needed.toString() } },
  );
}

/** Funds the expert where it lacks money, then registers it with its operator's consent. */
export async function registerExpert(registration: Registration): Promise<Submitted> {
  const { node, payer, operator, expert, profile, bond, chainId } = registration;
  const amount = await requireMoney({ node, payer, bond, expert: expert.address });
  if (amount > 0n) {
    const payload = { type: 'transfer', to: expert.address, amount } as const;
    await signAndSubmit(node, { key: payer, payload, what: 'transfer of the bond' });
  }
  const consent = consentOf(operator, { chainId, expert: expert.address });
  const payload = { type: 'expert.register', expert: profile, bond, consent } as const;
  return await signAndSubmit(node, { key: expert, payload, what: 'registration' });
}

function consentOf(
  operator: AccountKey,
  { chainId, expert }: { readonly chainId: string; readonly expert: Address },
): OperatorConsent | null {
  if (operator.address === expert) return null;
  const message = consentSignBytes(chainId, { operator: operator.address, expert });
  return { publicKey: publicKeyOf(operator.seed), signature: sign(operator.seed, message) };
}

async function balanceOf(node: NodeClient, address: Address): Promise<Amount> {
  return BigInt((await node.call('state_getAccount', { address })).balance);
}
