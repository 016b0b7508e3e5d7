/**
 * `synod params show|list|status|propose|vote`: what the chain's parameters are, and votes that change them (spec: staking §8).
 * Owns the words and the checks that save a fee; the chain owns the rules.
 */
import { type Hash, SynodError, type VoteChoice } from '@synod/chain';
import pc from 'picocolors';
import { devnetRecordOf } from '../rpc/dev-accounts.ts';
import { createNodeClient, type NodeClient } from '../rpc/node-client.ts';
import { SUBMIT_TIMEOUT_MS, signAndSubmit } from '../rpc/signed-transaction.ts';
import { nameOf, signerKey } from '../rpc/signer-key.ts';
import { formatSyn, parseSyn } from '../settings/amounts.ts';
import { rpcUrl } from '../settings/settings.ts';
import { SYNOD } from '../terminal/command-name.ts';
import { type CommonOptions, type Told, table, tell } from '../terminal/output.ts';
import { type ParamEntry, parseChanges, requireEntry, valueText } from '../voting/param-values.ts';
import { type ProposalInfo, proposalLines, summaryRow } from '../voting/proposal-text.ts';

export type ParamsFlags = CommonOptions & {
  readonly rpc?: string;
  readonly dataDir?: string;
  readonly from?: string;
  readonly keyFile?: string;
  readonly passwordFile?: string;
};

export type ProposeFlags = ParamsFlags & { readonly title: string; readonly deposit?: string };

const CHOICES = ['yes', 'no', 'abstain'] as const;
/** More proposals are never open at a time. */
const PAGE = 100;
const DIGITS_MIN = 4;

export async function runParamsShow(name: string | undefined, flags: ParamsFlags): Promise<void> {
  tell(flags, await showParams(name, flags));
}

export async function runParamsList(flags: ParamsFlags): Promise<void> {
  tell(flags, await listProposals(flags));
}

export async function runParamsStatus(proposal: string, flags: ParamsFlags): Promise<void> {
  tell(flags, await proposalStatus(proposal, flags));
}

export async function runParamsPropose(changes: readonly string[], flags: ProposeFlags): Promise<void> {
  tell(flags, await propose(changes, flags));
}

export async function runParamsVote(proposal: string, choice: string, flags: ParamsFlags): Promise<void> {
  tell(flags, await vote(proposal, choice, flags));
}

/** All parameters, or those whose name begins with `name`. Throws `PARAMETER_UNKNOWN`. */
export async function showParams(name: string | undefined, flags: ParamsFlags): Promise<Told> {
  const { items } = await nodeOf(flags).call('params_list');
  const shown = name === undefined ? items : items.filter((each) => each.name.startsWith(name));
  if (shown.length === 0 && name !== undefined) requireEntry(name, items);
  const rows = shown.map((entry) => [
    entry.name,
    valueText(entry.value, entry),
    pc.dim(`${valueText(entry.least, entry)} … ${valueText(entry.most, entry)}`),
    entry.isSafety ? 'safety: more than 2/3 must vote for it' : '',
  ]);
  return { json: { params: shown }, lines: table(rows, '') };
}

export async function listProposals(flags: ParamsFlags): Promise<Told> {
  const node = nodeOf(flags);
  const [{ items }, clock] = await Promise.all([openProposals(node), node.call('staking_params')]);
  const example = `${SYNOD} params propose NAME=VALUE --title TEXT --from alice`;
  const lines =
    items.length === 0
      ? ['Nothing is voted on.', `  Change something:  ${example}`]
      : table(
          items.map((item) => summaryRow(item, clock)),
          '',
        );
  return { json: { proposals: items, head: clock.head }, lines };
}

export async function proposalStatus(proposal: string, flags: ParamsFlags): Promise<Told> {
  const node = nodeOf(flags);
  const info = await findProposal(node, proposal);
  const [clock, { items }] = await Promise.all([node.call('staking_params'), node.call('params_list')]);
  const record = devnetRecordOf(flags.dataDir);
  const nameFor = (address: string) => nameOf(address, record) ?? address;
  return { json: { ...info, head: clock.head }, lines: proposalLines(info, { clock, entries: items, nameFor }) };
}

/** What the chain would refuse is said before a fee is paid: `PARAMS_REFUSED`, `DEPOSIT_TOO_LOW`. */
export async function propose(texts: readonly string[], flags: ProposeFlags): Promise<Told> {
  const key = signerKey(flags, devnetRecordOf(flags.dataDir));
  const node = nodeOf(flags);
  const { items } = await node.call('params_list');
  const changes = parseChanges(texts, items);
  const { problem, depositMin } = await node.call('params_check', { changes });
  const deposit = flags.deposit === undefined ? BigInt(depositMin) : parseSyn(flags.deposit);
  if (problem !== null) {
    throw new SynodError('PARAMS_REFUSED', `The chain would refuse this: ${problem}. Nothing was sent.`, {
      facts: { problem },
    });
  }
  if (deposit < BigInt(depositMin)) {
    throw new SynodError(
      'DEPOSIT_TOO_LOW',
      `A proposal takes a deposit of at least ${formatSyn(BigInt(depositMin))}. Nothing was sent.`,
      { facts: { depositMin } },
    );
  }
  const payload = {
    type: 'params.propose',
    title: flags.title,
    changes: changes.map(({ name, value }) => ({ name, value: BigInt(value) })),
    deposit,
  } as const;
  const sent = await signAndSubmit(node, { key, payload, what: 'proposal' });
  const info = await node.call('params_proposal', { proposal: sent.id });
  const lines = [
    `${pc.green('✔')} proposed: ${changedText(info, items)}   block ${sent.height}`,
    `  proposal  ${sent.id}`,
    `  deposit   ${formatSyn(deposit)}, held until the vote ends after block ${info.votingEndsAt}`,
    `  Operators vote with:  ${SYNOD} params vote ${sent.id.slice(0, 10)} yes --from NAME`,
    `  See the count:  ${SYNOD} params status ${sent.id.slice(0, 10)}`,
  ];
  return { json: { ...sent, ...info }, lines };
}

export async function vote(proposal: string, text: string, flags: ParamsFlags): Promise<Told> {
  const choice = CHOICES.find((each) => each === text) as VoteChoice | undefined;
  if (choice === undefined) throw new SynodError('USAGE', `"${text}" is no vote. Say yes, no or abstain.`);
  const record = devnetRecordOf(flags.dataDir);
  const key = signerKey(flags, record);
  const node = nodeOf(flags);
  const { proposal: id } = await findProposal(node, proposal);
  const payload = { type: 'params.vote', proposal: id.slice(2) as Hash, choice } as const;
  const sent = await signAndSubmit(node, { key, payload, what: 'vote' });
  const [clock, { items }] = await Promise.all([node.call('staking_params'), node.call('params_list')]);
  const info = await node.call('params_proposal', { proposal: id });
  const nameFor = (address: string) => nameOf(address, record) ?? address;
  const voter = nameFor(key.address);
  const lines = [
    `${pc.green('✔')} ${voter} votes ${choice}   block ${sent.height}`,
    ...proposalLines(info, { clock, entries: items, nameFor }),
  ];
  return { json: { ...sent, voter: key.address, choice, proposal: info }, lines };
}

function nodeOf(flags: ParamsFlags): NodeClient {
  return createNodeClient(rpcUrl(flags, process.env), SUBMIT_TIMEOUT_MS);
}

function openProposals(node: NodeClient) {
  return node.call('params_proposals', { limit: PAGE });
}

/** By its id, or the beginning of it where only one fits. Throws `PROPOSAL_UNKNOWN`. */
async function findProposal(node: NodeClient, text: string): Promise<ProposalInfo> {
  const digits = text.replace(/^0x/, '').replace(/…$/, '').toLowerCase();
  const { items } = await openProposals(node);
  const found = /^[0-9a-f]+$/.test(digits) ? items.filter(({ proposal }) => proposal.startsWith(`0x${digits}`)) : [];
  if (found.length === 1 && digits.length >= DIGITS_MIN) return found[0]!;
  const why =
    found.length > 1
      ? `${found.length} open proposals begin with "${text}". Give more digits.`
      : `No open proposal is "${text}": it was never made, or it is decided. See:  synod params list`;
  throw new SynodError('PROPOSAL_UNKNOWN', why, { facts: { proposal: text } });
}

function changedText({ changes }: ProposalInfo, entries: readonly ParamEntry[]): string {
  return changes.map(({ name, value }) => `${name} = ${valueText(value, requireEntry(name, entries))}`).join(', ');
}
