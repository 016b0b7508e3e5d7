/**
 * Every bound of the market's payloads from both sides (spec: market §1, §2, state §2): what is just within it and what is just beyond, in blocks that are
 * never decided. Owns the table of them.
 */
import {
  type ExpertProfile,
  NANO_PER_SYN,
  type Payload,
  type QueryContract,
  readAccount,
  taggedHash,
} from '@synod/chain';
import type { Act, HistoryChain } from './history-chain.ts';
import { keyPair } from './keys.ts';
import { plainContract } from './market-asked.ts';
import { comers, crowdOf, expertOf, leastBond, profileOf } from './market-genesis.ts';

const invalid = 'refused PAYLOAD_INVALID';
const root = taggedHash('simulator/root');

/** A code that is not the due one, or null. */
export function boundsProblem(chain: HistoryChain): string | null {
  const asked = [...contracts(chain), ...parties(chain), ...profiles()];
  const codes = chain.codesOf(asked.map(({ act }) => act));
  for (const [index, { name, act }] of asked.entries())
    if (codes[index] !== act.code) return `${name} is ${codes[index]}, due ${act.code}`;
  return null;
}

/** What is counted over all accounts: the last that fits, and the first that does not. */
export function countsProblem(chain: HistoryChain): string | null {
  const { customer } = chain.cast;
  const payload: Payload = { type: 'query.open', contract: { ...plainContract(chain), maxFee: 1_000_000n } };
  const opens = Array.from({ length: 257 }, (): Act => ({ payload, by: customer, code: 'OK' }));
  const codes = chain.codesOf(opens);
  if (codes[255] !== 'OK' || codes[256] !== 'OPEN_QUERIES_FULL') return `query 256 is ${codes[255]}, 257 ${codes[256]}`;
  const crowd = Object.values(comers).map(({ pair }): Act => {
    const expert = profileOf(pair, 'crowd');
    return { payload: { type: 'expert.register', expert, bond: leastBond, consent: null }, by: pair, code: 'OK' };
  });
  const [last, beyond] = chain.codesOf(crowd);
  return last === 'OK' && beyond === 'DOMAIN_FULL' ? null : `expert 256 is ${last}, 257 ${beyond}`;
}

type Bound = { readonly name: string; readonly act: Act };

function contracts(chain: HistoryChain): readonly Bound[] {
  const plain = plainContract(chain);
  const open = (name: string, change: Partial<QueryContract>, code: string): Bound => ({
    name,
    act: { payload: { type: 'query.open', contract: { ...plain, ...change } }, by: chain.cast.customer, code },
  });
  /** Both ends of a range. */
  const range = (
    field: keyof QueryContract,
    least: number | null,
    most: number | null,
    rest = {},
  ): readonly Bound[] => [
    ...(least === null ? [] : [open(`${field} ${least}`, { [field]: least, ...rest }, 'OK')]),
    ...(least === null ? [] : [open(`${field} below ${least}`, { [field]: least - 1, ...rest }, invalid)]),
    ...(most === null ? [] : [open(`${field} ${most}`, { [field]: most, ...rest }, 'OK')]),
    ...(most === null ? [] : [open(`${field} above ${most}`, { [field]: most + 1, ...rest }, invalid)]),
  ];
  const hidden = (promptBytes: number) => ({ prompt: '', privacy: { promptHash: root, promptBytes } });
  const byName = { domain: 'crowd', expert: crowdOf(0).address, respondents: 1 };
  return [
    ...range('rounds', 1, 3),
    ...range('threshold', null, 800_000),
    ...range('basePart', 100_000, null),
    open('a base part of all', { basePart: 1_000_000 }, 'OK'),
    open('the greatest difficulty', { difficulty: 1_000_000 }, 'OK'),
    ...range('coordinatorShare', null, 300_000, { scorerShare: 0 }),
    ...range('scorerShare', null, 300_000, { coordinatorShare: 0 }),
    ...range('scorerShare', null, 200_000, { coordinatorShare: 100_000 }),
    ...range('answerWindow', 2, 9),
    ...range('revealWindow', 2, 9),
    ...range('scoreWindow', 4, 9),
    ...range('scoreRevealWindow', 4, 9),
    open('a respondent', { respondents: 1 }, 'OK'),
    open('no respondent', { respondents: 0 }, invalid),
    open('three respondents', { respondents: 3 }, 'OK'),
    open('four respondents', { respondents: 4 }, invalid),
    open('a prompt of 40 bytes', { prompt: 'é'.repeat(20) }, 'OK'),
    open('a prompt of 41 bytes', { prompt: `${'é'.repeat(20)}e` }, invalid),
    open('no prompt', { prompt: '' }, invalid),
    open('a blank prompt', { prompt: ' \n ' }, invalid),
    open('a private prompt of a byte', hidden(1), 'OK'),
    open('a private prompt of 40 bytes', hidden(40), 'OK'),
    open('a private prompt of 41 bytes', hidden(41), invalid),
    open('a private prompt of nothing', hidden(0), invalid),
    open('a private prompt in words', { ...hidden(5), prompt: 'words' }, invalid),
    open('one asked by name', byName, 'OK'),
    open('one asked by name among two', { ...byName, respondents: 2 }, invalid),
    open('less than a nano each', { maxFee: 1n, respondents: 2 }, invalid),
    open('a nano each', { maxFee: 2n, respondents: 2 }, 'MAX_FEE_TOO_LOW'),
    open('nobody by that name', { ...byName, expert: chain.cast.customer.address }, 'EXPERT_UNKNOWN'),
    open('one of another domain', { ...byName, expert: expertOf('ada').address }, 'EXPERT_UNKNOWN'),
    open('a domain without experts', { domain: 'nowhere' }, 'DOMAIN_UNKNOWN'),
    open('a coordinator without a seat', { coordinator: chain.cast.customer.address }, 'COORDINATOR_UNKNOWN'),
    open(
      "an expert's name as coordinator",
      { coordinator: chain.cast.members[0]!.expert.address },
      'COORDINATOR_UNKNOWN',
    ),
    // Ada's; Bob asks for more.
    open('a share that is the least fee', { maxFee: 2n * leastFeeOfDuo }, 'OK'),
    open('a share just below the least fee', { maxFee: 2n * leastFeeOfDuo - 1n }, 'MAX_FEE_TOO_LOW'),
  ];
}

/** ⌊(11 bytes · 1,003 + 3,001) · 1.271828⌋. */
export const leastFeeOfDuo: bigint = (14_034n * 1_271_828n) / 1_000_000n;

function parties(chain: HistoryChain): readonly Bound[] {
  const { pair } = comers.gil;
  const open = (maxFee: bigint): Omit<Act, 'code'> => ({
    payload: { type: 'query.open', contract: { ...plainContract(chain), maxFee } },
    by: pair,
  });
  const { balance } = readAccount(chain.state, pair.address);
  const fee = chain.feeOf(open(NANO_PER_SYN));
  return [
    { name: 'a nano more than there is', act: { ...open(balance - fee + 1n), code: 'INSUFFICIENT_BALANCE' } },
    { name: 'all there is', act: { ...open(balance - 2n * fee), code: 'OK' } },
  ];
}

function profiles(): readonly Bound[] {
  const { pair } = comers.fay;
  const update = (name: string, change: Partial<ExpertProfile>, code: string): Bound => {
    const ada = expertOf('eve');
    const expert = profileOf(ada, 'eden', change);
    return { name: `a profile with ${name}`, act: { payload: { type: 'expert.update', expert }, by: ada, code } };
  };
  const register = (bond: bigint, code: string): Bound => ({
    name: `a bond of ${bond}`,
    act: { payload: { type: 'expert.register', expert: profileOf(pair, 'fays'), bond, consent: null }, by: pair, code },
  });
  return [
    register(leastBond - 1n, 'BOND_TOO_LOW'),
    register(200n * NANO_PER_SYN, 'INSUFFICIENT_BALANCE'),
    register(leastBond, 'OK'),
    update('48 letters', { name: 'x'.repeat(48) }, 'OK'),
    update('49 letters', { name: 'x'.repeat(49) }, invalid),
    update('no name', { name: '' }, invalid),
    update('a capital', { name: 'Eve' }, invalid),
    update('a model of 96 bytes', { modelName: 'é'.repeat(48) }, 'OK'),
    update('a model of 97 bytes', { modelName: `${'é'.repeat(48)}e` }, invalid),
    update('no model', { modelName: '' }, invalid),
    update('no capacity', { capacity: 0 }, invalid),
    update('most capacity', { capacity: 1_024 }, 'OK'),
    update('too much capacity', { capacity: 1_025 }, invalid),
    update('a size without a root', { knowledgeSize: 1 }, invalid),
    update('a root without a size', { knowledgeRoot: root }, invalid),
    update('root and size', { knowledgeRoot: root, knowledgeSize: 1 }, 'OK'),
    update('another domain', { domain: 'duo' }, 'EXPERT_DOMAIN_FIXED'),
    update('another operator', { operator: keyPair('market bob').address }, 'EXPERT_OPERATOR_FIXED'),
    {
      name: 'a stranger who pauses',
      act: { payload: { type: 'expert.pause', paused: true }, by: keyPair('customer'), code: 'EXPERT_UNKNOWN' },
    },
  ];
}
