/**
 * What market parties do beside asking and answering once: several rounds, cancelling at any moment and by the wrong hand, experts
 * that change, pause and retire, feedback by right and wrong hands, transactions sent again. Owns these transactions and their times; rules are the chain's.
 */
import {
  addressOf,
  type Hash,
  type Payload,
  PLAIN_TERMS,
  type Receipt,
  readExpert,
  readReputation,
  taggedHash,
  ZERO_HASH,
} from '@synod/chain';
import type { Member } from './cast.ts';
import type { KeyPair } from './keys.ts';
import type { World } from './world.ts';

/** Rounds of a query: one in half of them. */
const roundsDrawn = [1, 1, 1, 2, 2, 3] as const;

/**
 * A question of the customer's, in a number of rounds that is drawn unless it is given; three in ten are cancelled at some
 * moment, by somebody.
 */
export function ask(world: World, rounds: number = world.prngs.market.pick(roundsDrawn)): void {
  const { market } = world.prngs;
  const queryId = world.submit(question(world, rounds));
  if (market.chance(300_000)) world.queue.after(market.below(4_000), () => cancel(world, queryId));
}

/** In half of the schedules an expert changes, one pauses for a while, and one leaves. */
export function armExpertLife(world: World): void {
  const { prngs, queue, cast } = world;
  const { market } = prngs;
  const sometimes = (act: (member: Member) => void): void => {
    const member = market.pick(cast.members);
    if (market.chance(500_000)) queue.after(market.below(3_500), () => act(member));
  };
  sometimes((member) => {
    for (let index = 0; index < 12; index++) queue.after(500 * index, () => update(world, member));
  });
  sometimes((member) => {
    world.submit({ type: 'expert.pause', paused: true }, member.expert);
    const resume = (): void => {
      world.submit({ type: 'expert.pause', paused: false }, member.expert);
    };
    queue.after(market.between(300, 3_000), resume);
  });
  sometimes(({ expert }) => world.submit({ type: 'expert.retire', expert: addressOf(expert.publicKey) }, expert));
}

/** About a settled query, rather one with an answer: its requester says something, at once or too late or twice, or somebody else does. */
export function talk(world: World, { queryId, best }: Receipt): void {
  const { market } = world.prngs;
  const stranger = market.pick(world.cast.members).expert;
  if (best === null && market.chance(900_000)) return;
  const say = (word: string, withinMs: number, sender?: KeyPair): void => {
    const content = taggedHash('simulator/feedback', Buffer.from(`${queryId} ${word}`));
    const rating = { rating: 'good', content, bytes: 200, leaf: ZERO_HASH } as const;
    world.queue.after(market.below(withinMs), () =>
      world.submit({ type: 'feedback.give', queryId, ...rating }, sender),
    );
  };
  if (market.chance(700_000)) say('mine', 200);
  if (market.chance(300_000)) say('again', 1_500);
  if (market.chance(300_000)) say('foreign', 400, stranger);
}

function question({ prngs, cast }: World, rounds: number): Payload {
  const named = prngs.market.chance(100_000) ? addressOf(prngs.market.pick(cast.members).expert.publicKey) : null;
  return {
    type: 'query.open',
    contract: {
      prompt: 'What is the capital of France?',
      domain: 'general',
      coordinator: prngs.workload.pick(cast.members).operator.address,
      ...PLAIN_TERMS,
      difficulty: 250_000,
      scorerShare: 50_000,
      coordinatorShare: 30_000,
      rounds,
      expert: named,
      respondents: named === null ? 2 : 1,
      maxFee: 1_000_000_000n,
      threshold: 300_000,
      basePart: 200_000,
      // Close to the least that the chain allows.
      answerWindow: 4,
      revealWindow: 3,
      scoreWindow: 4,
      scoreRevealWindow: 4,
    },
  };
}

/** By the customer; first, now and then, by somebody who may not. */
function cancel(world: World, queryId: Hash): void {
  const { market } = world.prngs;
  const stranger = market.pick(world.cast.members);
  if (market.chance(400_000))
    world.submit({ type: 'query.cancel', queryId }, market.pick([stranger.operator, stranger.expert]));
  if (market.chance(850_000)) world.submit({ type: 'query.cancel', queryId });
}

/** Another price, and in half of the cases other knowledge, which casts doubt on what is known of the expert. */
function update(world: World, member: Member): void {
  const { market } = world.prngs;
  const state = world.checker.stateAt(world.checker.height);
  if (state === undefined) return;
  const addressIn = ({ expert }: Member) => addressOf(expert.publicKey);
  // Rather one of whom something is known.
  const known = world.cast.members.filter((one) => readReputation(state, addressIn(one), 'general').answers > 0);
  const { expert } = known.length === 0 ? member : market.pick(known);
  const record = readExpert(state, addressOf(expert.publicKey));
  if (record === null) return;
  const { profile } = record;
  const knowledge = Buffer.from(`${market.below(2)}`);
  const knowledgeRoot = market.chance(500_000) ? taggedHash('simulator/knowledge', knowledge) : profile.knowledgeRoot;
  const priceOutPerByte = 10_000n + BigInt(market.below(20_000));
  world.submit(
    { type: 'expert.update', expert: { ...profile, knowledgeRoot, knowledgeSize: 1, priceOutPerByte } },
    expert,
  );
}
