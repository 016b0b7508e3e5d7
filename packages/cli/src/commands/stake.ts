/**
 * `synod stake delegate|undelegate|redelegate|show`: what an account has staked with validators. Owns the words; the chain
 * owns the rules (spec: staking).
 */
import { type Amount, type Payload, SynodError } from '@synod/chain';
import { devnetRecordOf, resolveAddress } from '../rpc/dev-accounts.ts';
import { createNodeClient, type NodeClient } from '../rpc/node-client.ts';
import { SUBMIT_TIMEOUT_MS, signAndSubmit } from '../rpc/signed-transaction.ts';
import { nameOf, resolveValidator, signerKey } from '../rpc/signer-key.ts';
import { formatSyn, parseSomeSyn } from '../settings/amounts.ts';
import { rpcUrl } from '../settings/settings.ts';
import { whenText } from '../staking/validator-text.ts';
import { SYNOD } from '../terminal/command-name.ts';
import { type CommonOptions, print, printJson, table } from '../terminal/output.ts';

export type StakeFlags = CommonOptions & {
  readonly rpc?: string;
  readonly dataDir?: string;
  readonly from?: string;
  readonly keyFile?: string;
  readonly passwordFile?: string;
  readonly amount: string;
};

const PAGE = 100;
const ALL = 'all';

export async function runDelegate(validator: string, flags: StakeFlags): Promise<void> {
  const record = devnetRecordOf(flags.dataDir);
  const [address, key] = [resolveValidator(validator, record), signerKey(flags, record)];
  const amount = parseSomeSyn(flags.amount);
  const node = submitter(flags);
  const payload: Payload = { type: 'delegate', validator: address, amount };
  const sent = await signAndSubmit(node, { key, payload, what: 'delegation' });
  const info = await node.call('staking_validator', { address });
  if (flags.json) return printJson({ ...sent, from: key.address, validator: address, amount });
  print(`✔ ${formatSyn(amount)} staked with ${nameOf(address, record) ?? address}   block ${sent.height}`);
  print(`  Its stake is now ${formatSyn(BigInt(info.tokens))}; power follows at the end of the epoch.`);
  print(`  See all you have staked:  ${SYNOD} stake show ${key.name}`);
}

export async function runUndelegate(validator: string, flags: StakeFlags): Promise<void> {
  const record = devnetRecordOf(flags.dataDir);
  const [address, key] = [resolveValidator(validator, record), signerKey(flags, record)];
  const node = submitter(flags);
  const amount = await amountOf(node, flags.amount, { delegator: key.address, validator: address });
  const payload: Payload = { type: 'undelegate', validator: address, amount };
  const sent = await signAndSubmit(node, { key, payload, what: 'undelegation' });
  const params = await node.call('staking_params');
  const maturesAt = String(Number(sent.height) + params.unbondingHeights);
  if (flags.json) return printJson({ ...sent, from: key.address, validator: address, amount, maturesAt });
  print(`✔ ${formatSyn(amount)} leave ${nameOf(address, record) ?? address}   block ${sent.height}`);
  print(`  Paid out ${whenText(maturesAt, params)}. Until then it answers for what the validator did.`);
}

export async function runRedelegate(from: string, to: string, flags: StakeFlags): Promise<void> {
  const record = devnetRecordOf(flags.dataDir);
  const [source, target, key] = [
    resolveValidator(from, record),
    resolveValidator(to, record),
    signerKey(flags, record),
  ];
  const node = submitter(flags);
  const amount = await amountOf(node, flags.amount, { delegator: key.address, validator: source });
  const payload: Payload = { type: 'redelegate', from: source, to: target, amount };
  const sent = await signAndSubmit(node, { key, payload, what: 'redelegation' });
  const params = await node.call('staking_params');
  const maturesAt = String(Number(sent.height) + params.unbondingHeights);
  if (flags.json) return printJson({ ...sent, sender: key.address, from: source, to: target, amount, maturesAt });
  print(`✔ ${formatSyn(amount)} moved to ${nameOf(target, record) ?? target}   block ${sent.height}`);
  print(
    `  It still answers for ${nameOf(source, record) ?? source}, and cannot move on, until it is free ${whenText(maturesAt, params)}.`,
  );
}

/** What one account has staked, and what is on its way back; alice of a devnet where none is named. */
export async function runStakeShow(account = 'alice', flags: Omit<StakeFlags, 'amount'>): Promise<void> {
  const record = devnetRecordOf(flags.dataDir);
  const address = /^val-\d+$/.test(account) ? resolveValidator(account, record) : resolveAddress(account, record);
  const node = createNodeClient(rpcUrl(flags, process.env));
  const [delegations, unbonding, params] = await Promise.all([
    node.call('staking_delegations', { address, limit: PAGE }),
    node.call('staking_unbonding', { address, limit: PAGE }),
    node.call('staking_params'),
  ]);
  if (flags.json) return printJson({ address, delegations: delegations.items, unbonding: unbonding.items });
  const named = (operator: string): string => nameOf(operator, record) ?? operator;
  const total = delegations.items.reduce((sum, { amount }) => sum + BigInt(amount), 0n);
  print(`${nameOf(address, record) ?? address}   ${formatSyn(total)} staked`);
  for (const line of table(
    delegations.items.map(({ validator, amount }) => [named(validator), formatSyn(BigInt(amount))]),
  ))
    print(line);
  const leaving = unbonding.items.map(({ kind, validator, to, amount, maturesAt }) => [
    kind === 'unbonding' ? `leaving ${named(validator)}` : `moved ${named(validator)} → ${named(to ?? '')}`,
    formatSyn(BigInt(amount)),
    `${kind === 'unbonding' ? 'paid out' : 'free'} ${whenText(maturesAt, params)}`,
  ]);
  for (const line of table(leaving)) print(line);
  if (delegations.items.length + unbonding.items.length === 0) {
    print(`  Nothing yet. Stake with:  ${SYNOD} stake delegate VALIDATOR --amount 10 --from ${account}`);
  }
  if (delegations.nextCursor !== null || unbonding.nextCursor !== null) print(`  Only the first ${PAGE} are shown.`);
}

function submitter(flags: StakeFlags): NodeClient {
  return createNodeClient(rpcUrl(flags, process.env), SUBMIT_TIMEOUT_MS);
}

/** `all` is everything the delegator has there now. */
async function amountOf(
  node: NodeClient,
  text: string,
  { delegator, validator }: { readonly delegator: string; readonly validator: string },
): Promise<Amount> {
  if (text !== ALL) return parseSomeSyn(text);
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await node.call('staking_delegations', {
      address: delegator,
      limit: PAGE,
      ...(cursor === undefined ? {} : { cursor }),
    });
    const found = page.items.find((each) => each.validator === validator);
    if (found !== undefined) return BigInt(found.amount);
    cursor = page.nextCursor;
  }
  throw new SynodError(
    'INSUFFICIENT_STAKE',
    `${delegator} has no stake with ${validator}. See:  synod stake show ${delegator}`,
    {
      facts: { delegator, validator },
    },
  );
}
