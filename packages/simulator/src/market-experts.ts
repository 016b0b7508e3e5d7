/**
 * What experts do with their registrations in the market's history, and what stake does beside it (spec: market §1, rewards §9): the acts of each height,
 * with the code of each. Owns them and what must then be known of the expert; questions are market-lives.ts.
 */
import {
  consentSignBytes,
  type Evidence,
  type ExpertProfile,
  type Hash,
  listExperts,
  NANO_PER_SYN,
  type Payload,
  readExpert,
} from '@synod/chain';
import { type Act, type HistoryChain, historyChainId } from './history-chain.ts';
import { type KeyPair, realTier } from './keys.ts';
import { comers, expertOf, leastBond, profileOf } from './market-genesis.ts';

const [fay, gil] = [comers.fay.pair, comers.gil.pair];

/** Heights of the block that registers an expert and of the one that gives its bond back. */
export const terms: readonly { readonly expert: KeyPair; readonly from: number; readonly until: number }[] = [
  { expert: fay, from: 5, until: 12 },
  // Due at 13, but a question of its own is open until 15.
  { expert: gil, from: 5, until: 15 },
  { expert: expertOf('bob'), from: 0, until: 70 },
];
const again = 16;

export function expertActs(chain: HistoryChain, height: number): readonly Act[] {
  return [...stakeActs(chain, height), ...registrationActs(chain, height)];
}

const of = (by: KeyPair, payload: Payload, code = 'OK'): Act => ({ payload, by, code });
const pause = (by: KeyPair, paused: boolean, code = 'OK'): Act => of(by, { type: 'expert.pause', paused }, code);

function stakeActs({ cast: { members, customer } }: HistoryChain, height: number): readonly Act[] {
  const stake = (by: KeyPair, place: number, type: 'delegate' | 'undelegate', amount: bigint): Act =>
    of(by, { type, validator: members[place]!.operator.address, amount });
  if (height === 2)
    return [
      // Who asks at 31 has stake with the operator of one that answers; and everybody has some that leaves.
      stake(members[2]!.operator, 3, 'delegate', NANO_PER_SYN),
      ...members.map((_, place) => stake(customer, place, 'delegate', 40n * NANO_PER_SYN)),
    ];
  if (height === 4) return members.map((_, place) => stake(customer, place, 'undelegate', 20n * NANO_PER_SYN));
  return height === 7 ? [of(members[1]!.operator, { type: 'validator.edit', commission: 10_000 })] : [];
}

function registrationActs({ cast: { members } }: HistoryChain, height: number): readonly Act[] {
  const operator = members[5]!.operator;
  const consentOf = (signer: KeyPair, expert: KeyPair) => ({
    publicKey: signer.publicKey,
    signature: realTier.sign(
      signer,
      consentSignBytes(historyChainId, { operator: operator.address, expert: expert.address }),
    ),
  });
  const register = (by: KeyPair, code: string, consent: ReturnType<typeof consentOf> | null): Act => {
    const expert = profileOf(by === gil ? operator : by, by === gil ? 'gilead' : 'fays');
    return of(by, { type: 'expert.register', expert, bond: leastBond, consent }, code);
  };
  const update = (code: string, change: Partial<ExpertProfile>): Act =>
    of(gil, { type: 'expert.update', expert: profileOf(operator, 'gilead', change) }, code);
  const retire = (by: KeyPair, code = 'OK', who = by): Act =>
    of(by, { type: 'expert.retire', expert: who.address }, code);
  switch (height) {
    case 2:
      return [pause(expertOf('finn'), true)];
    case 5:
      return [
        register(gil, 'OPERATOR_CONSENT_MISSING', null),
        register(gil, 'OPERATOR_CONSENT_MISSING', consentOf(members[6]!.operator, gil)),
        register(gil, 'OPERATOR_CONSENT_MISSING', consentOf(operator, fay)),
        register(gil, 'OK', consentOf(operator, gil)),
        register(gil, 'EXPERT_EXISTS', consentOf(operator, gil)),
        register(fay, 'OK', null),
        pause(expertOf('cleo'), true),
      ];
    case 6:
      return [
        update('EXPERT_DOMAIN_FIXED', { domain: 'duo' }),
        update('EXPERT_OPERATOR_FIXED', { operator: gil.address }),
        update('OK', { priceOutPerByte: 9_000n }),
        pause(expertOf('cleo'), false),
      ];
    case 8:
      return [retire(fay, 'NOT_EXPERT', gil), retire(fay), pause(fay, true, 'EXPERT_RETIRED')];
    case 9:
      return [retire(gil), register(fay, 'EXPERT_RETIRED', null)];
    case 10:
      return [update('EXPERT_RETIRED', {}), retire(gil, 'EXPERT_RETIRED')];
    case again:
      return [
        update('EXPERT_UNKNOWN', {}),
        register(gil, 'OK', consentOf(operator, gil)),
        pause(fay, true, 'EXPERT_UNKNOWN'),
      ];
    case 48:
      return [pause(expertOf('dan'), false, 'BOND_TOO_LOW'), pause(expertOf('dan'), true)];
    case 49:
      return [of(expertOf('bob'), { type: 'expert.update', expert: profileOf(members[4]!.operator, 'duo') })];
    case 50:
      return [
        of(expertOf('ada'), {
          type: 'expert.update',
          expert: profileOf(members[3]!.operator, 'duo', { knowledgeRoot: 'ef'.repeat(32) as Hash, knowledgeSize: 1 }),
        }),
      ];
    case 66:
      return [retire(expertOf('bob'))];
    default:
      return [];
  }
}

/** Whose registration must stand after the block of this height, or null where all is right. */
export function expertProblem(chain: HistoryChain, height: number): string | null {
  for (const { expert, from, until } of terms) {
    const isDue = (height >= from && height < until) || (expert === gil && height >= again);
    if ((readExpert(chain.state, expert.address) !== null) !== isDue)
      return `${expert.address} is ${isDue ? 'not ' : ''}registered after ${height}`;
  }
  const isListed = listExperts(chain.state, 'fays').includes(fay.address);
  if (isListed !== (height >= 5 && height < 8)) return `fay is ${isListed ? '' : 'not '}listed after ${height}`;
  return null;
}

/** A scorer signs twice about a height, and is barred while it is still in the set. */
export function doubleVote(chain: HistoryChain, about: number): Evidence {
  const [first, second] = ['a', 'b'].map((value) => chain.vote(2, { height: about, value }));
  return { kind: 'duplicate.vote', first: first!, second: second! };
}
