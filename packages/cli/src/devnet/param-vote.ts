/**
 * A change of one parameter by the devnet's own validators, in the way of every chain: a proposal with its deposit, and their votes. Owns
 * the order of the transactions; what the chain makes of them is its own (spec: staking §8).
 */
import { type Hash, type Payload, SynodError } from '@synod/chain';
import { createNodeClient, type NodeClient } from '../rpc/node-client.ts';
import { signed } from '../rpc/signed-transaction.ts';
import type { Controls } from './controls.ts';
import type { Fleet } from './fleet.ts';
import type { ValidatorKeys } from './keys.ts';
import { rpcUrlOf } from './layout.ts';

const REQUEST_TIMEOUT_MS = 10_000;

export type ParamVote = { readonly proposal: string; readonly votingEndsAt: number; readonly actsAt: number };

/** Throws `PARAMS_REFUSED` before anything is sent, or the chain's code. */
export async function voteForParam(
  targets: { readonly fleet: Fleet; readonly controls: Controls; readonly validators: readonly ValidatorKeys[] },
  change: { readonly name: string; readonly value: string },
): Promise<ParamVote> {
  const { fleet, controls, validators } = targets;
  const [first] = fleet.running();
  if (first === undefined) throw new SynodError('DEVNET_STALLED', 'No node of this devnet runs.');
  const node = createNodeClient(rpcUrlOf(first.place), REQUEST_TIMEOUT_MS);
  const { problem, depositMin } = await node.call('params_check', { changes: [change] });
  if (problem !== null)
    throw new SynodError('PARAMS_REFUSED', `The chain would refuse this: ${problem}. Nothing was sent.`);
  const changes = [{ name: change.name, value: BigInt(change.value) }];
  const title = `${change.name} = ${change.value}`.slice(0, 64);
  const [proposer] = validators;
  const proposal = await submit(node, proposer!, {
    type: 'params.propose',
    title,
    changes,
    deposit: BigInt(depositMin),
  });
  await controls.mine(1);
  await requireDone(node, proposal);
  for (const voter of validators)
    await submit(node, voter, { type: 'params.vote', proposal: proposal.slice(2) as Hash, choice: 'yes' });
  await controls.mine(1);
  const { votingEndsAt, actsAt } = await node.call('params_proposal', { proposal });
  return { proposal, votingEndsAt: Number(votingEndsAt), actsAt: Number(actsAt) };
}

async function submit(node: NodeClient, { name, operator, operatorSeed }: ValidatorKeys, payload: Payload) {
  const { id, raw } = await signed(node, { key: { name, address: operator, seed: operatorSeed }, payload });
  await node.call('tx_submit', { raw, waitFor: 'mempool' });
  return id;
}

async function requireDone(node: NodeClient, id: string): Promise<void> {
  const { result } = await node.call('tx_get', { id });
  if (result?.code === 'OK') return;
  const why = result?.code ?? 'it is in no block yet';
  throw new SynodError(result?.code ?? 'TIMEOUT', `The proposal was not taken up: ${why}. Try again.`);
}
