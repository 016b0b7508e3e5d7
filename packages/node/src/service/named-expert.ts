/** Questions to one expert by name (spec: market §16): its domain, and why it, or nobody of a domain, can be asked. Owns the words; whom a query may ask is the chain's. */
import {
  type Address,
  type Exclusion,
  listCandidates,
  type QueryContract,
  readExpert,
  type StateView,
  SynodError,
} from '@synod/chain';

/** What a request says of who is to answer. */
type Asked = {
  readonly domain?: string | undefined;
  readonly expert?: Address | undefined;
  readonly respondents?: number | undefined;
};

/** The domain that a request names, by itself or by its expert. Throws `EXPERT_UNKNOWN` or `INVALID_PARAMS`. */
export function domainNamed(state: StateView, { domain, expert, respondents }: Asked): string | undefined {
  if (expert === undefined) return domain;
  const record = readExpert(state, expert);
  if (record === null || record.status === 'retired') {
    throw new SynodError(
      'EXPERT_UNKNOWN',
      `No expert has the address ${expert}. List experts with: synod expert list`,
      {
        facts: { expert },
      },
    );
  }
  const own = record.profile.domain;
  if (domain !== undefined && domain !== own) {
    throw new SynodError(
      'INVALID_PARAMS',
      `${record.profile.name} serves the domain "${own}", not "${domain}". Leave the domain out, or name another expert.`,
      { facts: { param: 'domain' } },
    );
  }
  if (respondents !== undefined && respondents !== 1) {
    throw new SynodError(
      'INVALID_PARAMS',
      'An expert that is asked by name answers alone. Leave "respondents" out, or leave the expert out.',
      { facts: { param: 'respondents' } },
    );
  }
  return own;
}

const unavailabilities: Readonly<Record<Exclusion, string>> = {
  notNamed: 'it is not who is asked',
  coordinator:
    'it belongs to the node that you ask, which cannot pay its own experts: name a node of another operator with --rpc',
  requester: 'it is in the same hands as who asks',
  paused: 'it is paused by its operator: ask later, or ask its domain',
  breaker: 'it has failed too often and is left out for a while: ask later, or ask its domain',
  probing: 'it has failed too often, and one question is on trial with it: ask later, or ask its domain',
  price: 'it costs more than any question may',
};

type Draft = { readonly requester: Address; readonly contract: QueryContract };

/** Why no expert of the domain can be asked now. */
export function nobody(state: StateView, query: Draft): SynodError {
  const { domain } = query.contract;
  const reasons = [...new Set(listCandidates(state, query).excluded.map(({ reason }) => unavailabilities[reason]))];
  const message =
    reasons.length === 0
      ? `No expert offers the domain "${domain}". List domains with: synod expert list`
      : `No expert of the domain "${domain}" can be asked. Of each that there is: ${reasons.join('; or ')}. Nothing was charged.`;
  return new SynodError('NO_EXPERT', message, { facts: { domain } });
}

/** Why the one expert that was named cannot be asked now. */
export function unavailable(state: StateView, query: Draft, expert: Address): SynodError {
  const { excluded } = listCandidates(state, query);
  const reason = excluded.find((one) => one.expert === expert)?.reason ?? 'paused';
  return new SynodError(
    'EXPERT_UNAVAILABLE',
    `The expert ${expert} cannot be asked: ${unavailabilities[reason]}. Nothing was charged.`,
    { facts: { expert, reason } },
  );
}
