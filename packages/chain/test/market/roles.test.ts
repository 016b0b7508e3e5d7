/** Every message of the market sent by everybody whose it is not (DESIGN §9): a code, and nothing of the state but fees has changed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  encodeExpert,
  encodeQueryState,
  type Hash,
  type Payload,
  readExpert,
  type ScoreItem,
  type StateTree,
} from '../../src/index.ts';
import { consentOf, generated, type Keys, poor, profileOf, SYN, saltOf, TestChain, user } from '../test-chain.ts';

type Role = 'requester' | 'coordinator' | 'respondent' | 'bystander' | 'validator' | 'stranger';

type Scene = {
  readonly chain: TestChain;
  readonly id: Hash;
  readonly people: Readonly<Record<Role, Keys>>;
};

/** A query in which every role is somebody else. */
function scene(prepare: (chain: TestChain, id: Hash) => void): Scene {
  const chain = new TestChain();
  const [coordinator, validator] = chain.validators;
  const funded = chain.transfer(chain.validators[0]!.expert, poor.address, 20n * SYN);
  const more = [coordinator!, validator!].map(({ address }) => chain.transfer(user, address, 20n * SYN));
  assert.deepEqual(chain.codes(funded, ...more), ['OK', 'OK', 'OK']);
  const id = chain.open({ respondents: 2, coordinator: coordinator!.address });
  prepare(chain, id);
  const selected = chain.query(id).respondents.map(({ expert }) => expert);
  const bystander = chain.validators.find(({ expert }) => !selected.includes(expert.address))!.expert;
  const respondent = chain.expertKeys(selected[0]!);
  const people = {
    requester: user,
    coordinator: coordinator!,
    validator: validator!,
    stranger: poor,
    respondent,
    bystander,
  };
  return { chain, id, people };
}

const answers = [generated('Paris'), generated('Rome')];
const opened = () => undefined;
const committed = (chain: TestChain, id: Hash) => void chain.next({ transactions: chain.commits(id, answers) });

type Case = {
  readonly payload: (scene: Scene) => Payload;
  readonly prepare: (chain: TestChain, id: Hash) => void;
  /** Whose message it is; everybody else is refused. */
  readonly allowed: readonly Role[];
  readonly codes: readonly string[];
};

const expertsOnly = { prepare: opened, allowed: ['respondent', 'bystander'], codes: ['EXPERT_UNKNOWN'] } as const;

const cases: Readonly<Record<string, Case>> = {
  'answer.commit': {
    payload: ({ id }) => ({ type: 'answer.commit', queryId: id, commitment: id }),
    prepare: opened,
    allowed: ['respondent'],
    codes: ['NOT_SELECTED'],
  },
  'answer.reveal': {
    payload: ({ id, people }) => ({
      type: 'answer.reveal',
      queryId: id,
      salt: saltOf(people.respondent.address),
      answer: answers[0]!,
    }),
    prepare: committed,
    allowed: ['respondent'],
    codes: ['NOT_SELECTED'],
  },
  'expert.update': {
    ...expertsOnly,
    payload: () => ({ type: 'expert.update', expert: profileOf(user.address) }),
    // One expert of another operator than the profile's is refused for that, and none writes another's record.
    codes: ['EXPERT_UNKNOWN', 'EXPERT_OPERATOR_FIXED'],
    allowed: [],
  },
  'expert.pause': { ...expertsOnly, payload: () => ({ type: 'expert.pause', paused: true }) },
  'expert.retire': {
    payload: ({ people }) => ({ type: 'expert.retire', expert: people.respondent.address }),
    prepare: opened,
    allowed: ['respondent'],
    codes: ['NOT_EXPERT'],
  },
  'query.cancel': {
    payload: ({ id }) => ({ type: 'query.cancel', queryId: id }),
    prepare: opened,
    allowed: ['requester'],
    codes: ['NOT_REQUESTER'],
  },
  'calibration.reveal': {
    payload: ({ id }) => ({ type: 'calibration.reveal', queryId: id, salt: saltOf(poor.address), gold: ['Paris'] }),
    prepare: opened,
    allowed: [],
    // A validator may, but neither before the query has settled nor with a seal of another.
    codes: ['NOT_VALIDATOR', 'QUERY_PHASE_WRONG'],
  },
  'expert.register': {
    payload: ({ chain, people }) => ({
      type: 'expert.register',
      expert: profileOf(chain.validators[2]!.address),
      bond: 10n * SYN,
      consent: consentOf(chain.validators[2]!, people.validator),
    }),
    prepare: opened,
    allowed: ['validator'],
    codes: ['OPERATOR_CONSENT_MISSING'],
  },
};

/** Everything the market keeps about the scene. */
function marketState(state: StateTree, { chain, id, people }: Scene): readonly unknown[] {
  const experts = [...Object.values(people), ...chain.validators.map(({ expert }) => expert)];
  const records = experts.map(({ address }) => readExpert(state, address));
  return [
    Buffer.from(encodeQueryState(chain.query(id))),
    ...records.map((each) => each && Buffer.from(encodeExpert(each))),
  ];
}

const roles: readonly Role[] = ['requester', 'coordinator', 'respondent', 'bystander', 'validator', 'stranger'];

for (const [type, { payload, prepare, allowed, codes }] of Object.entries(cases)) {
  for (const role of roles) {
    if (allowed.includes(role)) continue;
    test(`${type} of the ${role} is refused and changes nothing`, () => {
      const place = scene(prepare);
      const before = marketState(place.chain.state, place);
      const [code] = place.chain.codes(place.chain.transaction(place.people[role], payload(place)));
      assert.ok(codes.includes(code!), `${code}`);
      assert.deepEqual(marketState(place.chain.state, place), before);
    });
  }
  for (const role of allowed) {
    test(`${type} of the ${role} is taken`, () => {
      const place = scene(prepare);
      assert.deepEqual(place.chain.codes(place.chain.transaction(place.people[role], payload(place))), ['OK']);
    });
  }
}

test('score items count for validators alone, each for itself: another one opens nothing with a commitment of its neighbour', () => {
  const chain = new TestChain();
  const id = chain.open({ respondents: 2, coordinator: chain.validators[0]!.address });
  chain.answer(id, answers);
  const scores = chain.query(id).groups.map((_, group) => ({ group, score: 500_000 }));
  // What validator 0 would commit to, said by 1: recorded for 1, and it can never be opened.
  const item: ScoreItem = chain.scoreCommit(id, 0, scores);
  chain.next({ items: new Map([[1, [item]]]) });
  const own = (at: number) =>
    chain.query(id).scorers.find(({ operator }) => operator === chain.validators[at]!.address)!;
  assert.equal(own(0).commitment, null);
  assert.notEqual(own(1).commitment, null);
});
