/**
 * `synod rewards [EPOCH] [ADDRESS|NAME]`: what an epoch issued to whom, and why one account got what it got. Owns the words of
 * the table; the chain writes the explanation.
 */
import { SynodError } from '@synod/chain';
import type { RpcMethodMap } from '@synod/rpc/client';
import pc from 'picocolors';
import type { DevnetRecord } from '../devnet/record.ts';
import { devnetRecordOf } from '../rpc/dev-accounts.ts';
import { createNodeClient, type NodeClient } from '../rpc/node-client.ts';
import { nameOf, resolveValidator } from '../rpc/signer-key.ts';
import { formatSyn } from '../settings/amounts.ts';
import { percentText } from '../settings/ratios.ts';
import { rpcUrl } from '../settings/settings.ts';
import { SYNOD } from '../terminal/command-name.ts';
import { type CommonOptions, type Told, table, tell } from '../terminal/output.ts';

export type RewardsFlags = CommonOptions & { readonly rpc?: string; readonly dataDir?: string };

type Table = RpcMethodMap['reward_epoch']['result'];
type Name = (address: string) => string;

const PPB = 1e9;

/** `first` is an epoch where it is a number, else whom to explain. */
export async function runRewards(
  first: string | undefined,
  second: string | undefined,
  flags: RewardsFlags,
): Promise<void> {
  tell(flags, await rewards(first, second, flags));
}

/** The table of an epoch, or the explanation of one account in it. */
export async function rewards(
  first: string | undefined,
  second: string | undefined,
  flags: RewardsFlags,
): Promise<Told> {
  const isEpoch = first !== undefined && /^\d+$/.test(first);
  const epoch = isEpoch ? { epoch: first } : {};
  const whom = isEpoch ? second : first;
  if (!isEpoch && second !== undefined)
    throw new SynodError('USAGE', `"${first}" is no number of an epoch. Write:  synod rewards [EPOCH] [ADDRESS|NAME]`);
  const node = createNodeClient(rpcUrl(flags, process.env));
  const record = devnetRecordOf(flags.dataDir);
  const experts = await node.experts();
  if (whom !== undefined) {
    const explained = await node.call('reward_explain', { address: resolve(whom, record, experts), ...epoch });
    return { json: explained, lines: explained.text.split('\n') };
  }
  const [{ items }, shown] = await Promise.all([node.call('reward_epochs'), node.call('reward_epoch', epoch)]);
  const named = new Map(experts.map(({ address, name }) => [address, name]));
  const nameFor = (address: string) => nameOf(address, record) ?? named.get(address) ?? address;
  return { json: { ...shown, epochs: items }, lines: tableLines(shown, items, nameFor) };
}

type ListedExperts = Awaited<ReturnType<NodeClient['experts']>>;

/** An expert's name where exactly one has it, a validator, an account, or an address. */
function resolve(text: string, record: DevnetRecord | null, experts: ListedExperts): string {
  const named = experts.filter(({ name }) => name === text);
  if (named.length === 1) return named[0]!.address;
  return resolveValidator(text, record);
}

function tableLines(shown: Table, kept: RpcMethodMap['reward_epochs']['result']['items'], nameFor: Name): string[] {
  const { epoch, height, issued, emission } = shown;
  const heading = `${pc.bold(`Epoch ${epoch}`)}, paid in block ${height}: ${formatSyn(BigInt(issued))} issued of at most ${formatSyn(BigInt(emission))}`;
  const experts = shown.experts.map((each) => [
    nameFor(each.expert),
    `incentive ${percentText(each.incentive / PPB)}`,
    `consensus ${percentText(each.consensus / PPB)}`,
    `bond ${formatSyn(BigInt(each.collateral))}`,
    `paid ${formatSyn(BigInt(each.payment))}`,
  ]);
  const scorers = shown.scorers.map((each) => [
    nameFor(each.operator),
    `dividend ${percentText(each.dividend / PPB)}`,
    `power ${each.stake}`,
    `accuracy ${percentText(each.accuracy)}`,
    `revealed ${percentText(each.attendance)}`,
    `paid ${formatSyn(BigInt(each.payment))}`,
  ]);
  const others = kept.map((one) => one.epoch).filter((one) => one !== epoch);
  return [
    heading,
    '  experts by incentive',
    ...(experts.length === 0 ? ['    nobody answered and was scored'] : table(experts, '    ')),
    '  scorers by dividend',
    ...(scorers.length === 0 ? ['    nobody'] : table(scorers, '    ')),
    ...(others.length === 0 ? [] : [`  other epochs  ${others.join(', ')}`]),
    `  Why one got that much:  ${SYNOD} rewards ${epoch} NAME`,
  ];
}
