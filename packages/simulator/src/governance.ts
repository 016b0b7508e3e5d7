/**
 * What validators do besides deciding blocks: one gives itself new keys, and all vote on a parameter. Owns these transactions
 * and their times; how a node comes to sign with its new keys is sim-node.ts.
 */
import {
  type Height,
  listParamsProposals,
  NANO_PER_SYN,
  type Payload,
  possessionSignBytes,
  readPool,
} from '@synod/chain';
import { realTier } from './keys.ts';
import type { SimNode } from './sim-node.ts';
import type { World } from './world.ts';

/** Changes that leave every rule of the checker as it is. */
const votedParams = [
  { name: 'absenceHeights', least: 5, most: 40 },
  { name: 'blockBytesTarget', least: 300, most: 600 },
  { name: 'thresholdMax', least: 600_000, most: 900_000 },
] as const;

/** In half of the schedules each: a rotation by an honest validator, and a proposal with its votes. */
export function armGovernance(world: World): void {
  const { prngs, queue, honest } = world;
  const single = honest.filter((node) => !world.hasTwin(node));
  if (single.length > 0 && prngs.workload.chance(500_000)) {
    const node = prngs.workload.pick(single);
    queue.after(prngs.workload.between(600, 2_000), () => rotate(world, node));
  }
  if (!prngs.workload.chance(500_000)) return;
  queue.after(prngs.workload.below(1_200), () => world.submit(proposal(world)));
  for (const node of honest) queue.after(prngs.workload.between(1_000, 3_500), () => vote(world, node));
}

/** The operator gives the node new keys: again and again until a block has it, as the first epoch refuses it and it may get lost. */
export function rotate(world: World, node: SimNode, givenAt: Height = -1): void {
  const { operator, rotated } = node.member;
  const { height } = world.checker;
  const state = world.checker.stateAt(height);
  const isDone = state !== undefined && readPool(state, operator.address)?.publicKey === rotated.consensus.publicKey;
  if (isDone || world.isHealed) return;
  world.queue.after(700, () => rotate(world, node, height));
  // While no block comes, those given before wait for one too.
  if (height === givenAt) return;
  const keys = { publicKey: rotated.consensus.publicKey, vrfKey: rotated.beacon.publicKey };
  const message = possessionSignBytes(world.cast.identity.chainId, { operator: operator.address, ...keys });
  // The chain proves possession by itself, not through the ports: only true signatures pass.
  const keyProof = realTier.sign(rotated.consensus, message);
  const vrfProof = realTier.prove(rotated.beacon, message);
  world.submit({ type: 'validator.rotate', ...keys, keyProof, vrfProof }, operator);
}

function proposal({ prngs }: World): Payload {
  const { name, least, most } = prngs.workload.pick(votedParams);
  const changes = [{ name, value: BigInt(prngs.workload.between(least, most)) }];
  return { type: 'params.propose', title: `another ${name}`, changes, deposit: 10n * NANO_PER_SYN };
}

function vote(world: World, { member }: SimNode): void {
  const state = world.checker.stateAt(world.checker.height);
  const [id] = state === undefined ? [] : listParamsProposals(state);
  if (id === undefined) return;
  const choice = world.prngs.workload.chance(800_000) ? 'yes' : 'no';
  world.submit({ type: 'params.vote', proposal: id, choice }, member.operator);
}
