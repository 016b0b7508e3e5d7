/**
 * `synod validator rewards|withdraw`: what a validator was paid by epoch, and where that money is. Owns the words; the chain pays by itself
 * (spec: rewards §9), so there is nothing to withdraw.
 */
import { SynodError } from '@synod/chain';
import type { RpcMethodMap } from '@synod/rpc/client';
import pc from 'picocolors';
import { devnetRecordOf } from '../rpc/dev-accounts.ts';
import { createNodeClient, type NodeClient } from '../rpc/node-client.ts';
import { nameOf, resolveValidator } from '../rpc/signer-key.ts';
import { formatSyn } from '../settings/amounts.ts';
import { percentText } from '../settings/ratios.ts';
import { rpcUrl } from '../settings/settings.ts';
import { SYNOD } from '../terminal/command-name.ts';
import { type CommonOptions, type Told, table, tell } from '../terminal/output.ts';

export type EarningsFlags = CommonOptions & { readonly rpc?: string; readonly dataDir?: string };

type Validator = RpcMethodMap['staking_validator']['result'];
type Asked = { readonly node: NodeClient; readonly info: Validator; readonly name: string };

const MILLION = 1_000_000n;

export async function runValidatorRewards(validator: string | undefined, flags: EarningsFlags): Promise<void> {
  const asked = await ask(validator, flags);
  const { items } = await asked.node.call('reward_epochs');
  const paid = await Promise.all(items.map(({ epoch, height }) => paidIn(asked, epoch, height)));
  tell(flags, rewardsTold(asked, paid));
}

export async function runValidatorWithdraw(validator: string | undefined, flags: EarningsFlags): Promise<void> {
  const { node, info, name } = await ask(validator, flags);
  const account = await node.call('state_getAccount', { address: info.operator });
  const lines = [
    `Nothing waits to be withdrawn: ${name} is paid by itself at the end of every epoch.`,
    `  commission   goes straight to its account   ${formatSyn(BigInt(account.balance))} there now, free to send`,
    `  the rest     raises the worth of every stake with it   ${formatSyn(BigInt(info.selfBond))} of its own now`,
    `  Take stake out:  ${SYNOD} stake undelegate ${name} --amount AMOUNT --from ${name}`,
    `  Send what is free:  ${SYNOD} send TO AMOUNT --from ${name}      What was paid when:  ${SYNOD} validator rewards ${name}`,
  ];
  const json = { operator: info.operator, withdrawable: '0', balance: account.balance, selfBond: info.selfBond };
  tell(flags, { json, lines });
}

/** The validator named, or that of the node. */
async function ask(validator: string | undefined, flags: EarningsFlags): Promise<Asked> {
  const record = devnetRecordOf(flags.dataDir);
  const node = createNodeClient(rpcUrl(flags, process.env));
  const operator = validator === undefined ? (await node.status()).operator : resolveValidator(validator, record);
  if (operator === null) {
    throw new SynodError(
      'USAGE',
      `The node at ${node.url} runs for no validator. Name one:  ${SYNOD} validator rewards NAME      they are:  ${SYNOD} validator list`,
    );
  }
  const info = await node.call('staking_validator', { address: operator });
  return { node, info, name: nameOf(operator, record) ?? operator };
}

type Paid = { readonly epoch: number; readonly height: string; readonly scorer: Scorer | null };
type Scorer = NonNullable<RpcMethodMap['reward_explain']['result']['asScorer']>;

async function paidIn({ node, info }: Asked, epoch: number, height: string): Promise<Paid> {
  const { asScorer } = await node.call('reward_explain', { address: info.operator, epoch: String(epoch) });
  return { epoch, height, scorer: asScorer };
}

function rewardsTold({ info, name }: Asked, paid: readonly Paid[]): Told {
  const ppm = BigInt(Math.round(Number(info.commission) * Number(MILLION)));
  const rows = paid.map(({ epoch, height, scorer }) => {
    const payment = BigInt(scorer?.payment ?? '0');
    const kept = (payment * ppm) / MILLION;
    return { epoch, height, scorer, payment, kept, shared: payment - kept };
  });
  const json = {
    operator: info.operator,
    commission: info.commission,
    epochs: rows.map(({ epoch, height, scorer, payment, kept, shared }) => ({
      epoch,
      height,
      payment,
      commission: kept,
      shared,
      dividend: scorer?.dividend ?? '0',
      dividendSum: scorer?.dividendSum ?? '0',
      pot: scorer?.pot ?? '0',
    })),
  };
  const cells = rows.map(({ epoch, height, scorer, payment, kept, shared }) => [
    `epoch ${epoch}`,
    `block ${height}`,
    scorer === null ? 'not in the set' : `paid ${formatSyn(payment)}`,
    scorer === null ? '' : `= pot ${formatSyn(BigInt(scorer.pot))} × ${shareText(scorer)}`,
    scorer === null ? '' : `commission ${formatSyn(kept)}, shared ${formatSyn(shared)}`,
  ]);
  const lines = [
    `${pc.bold(name)}   commission ${percentText(info.commission)}`,
    ...(cells.length === 0 ? ['  No epoch was paid yet.'] : table(cells)),
    '  commission = paid × commission, at its present rate: to its account; the rest raises every stake with it',
    ...(rows[0] === undefined ? [] : [`  Why that much:  ${SYNOD} rewards ${rows[0].epoch} ${name}`]),
    `  How to get at it:  ${SYNOD} validator withdraw ${name}`,
  ];
  return { json, lines };
}

/** Its dividend as a part of all. */
function shareText({ dividend, dividendSum }: Scorer): string {
  const sum = BigInt(dividendSum);
  return sum === 0n ? '0 %' : percentText(Number((BigInt(dividend) * MILLION) / sum) / Number(MILLION));
}
