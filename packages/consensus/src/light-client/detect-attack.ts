/**
 * Two certified blocks at one height: what kind of attack that is and whose (spec: light-client §9; consensus §1.13). Owns
 * classification and names. Checking it on chain and punishing is the chain's evidence; comparing peers is the host's.
 */
import {
  type Address,
  type AttackKind,
  attackKind,
  type CommitPrecommit,
  type Evidence,
  type Header,
  type Height,
  type LightBlock,
  type PublicKey,
  type Validator,
  type Vote,
} from '@synod/chain';
import { idOf, lightBlockProblem, nextSetOf } from './check-light-block.ts';
import { type LightClientConfig, type LightFault, type LightRefusal, refuse } from './light-verdict.ts';
import { linkProblem, signersAmong } from './verify-light-block.ts';

/** Evidence of an attack on light clients, with all that is needed to judge it again. */
export type LightClientAttack = {
  readonly kind: AttackKind;
  readonly height: Height;
  /** The last block both sides agree on. */
  readonly common: LightBlock;
  /** The block that is taken for the chain's own. */
  readonly trusted: LightBlock;
  readonly conflicting: LightBlock;
  /** Operators whose keys signed both certificates, ascending. In an amnesia attack these are suspects, not culprits. */
  readonly signedBoth: readonly Address[];
  /**
   * Operators proven guilty, ascending, named by the trusted sides' sets. None in an amnesia attack: a lawful unlock looks
   * the same in two certificates.
   */
  readonly culprits: readonly Address[];
  /** The double votes among it, as the chain takes them as evidence; none where the rounds differ. */
  readonly duplicateVotes: readonly Evidence[];
};

export type { AttackKind };

export type AttackFault = 'ATTACK_SAME_BLOCK' | 'ATTACK_HEIGHT_DIFFERS';

export type AttackVerdict =
  | { readonly ok: true; readonly attack: LightClientAttack }
  | LightRefusal<AttackFault | LightFault>;

export type Conflict = {
  readonly common: LightBlock;
  readonly trusted: LightBlock;
  readonly conflicting: LightBlock;
};

/**
 * Judges a conflict. Everything is verified again, signatures included and clocks left out, so that nobody is accused by an
 * unsigned word: a conflicting block that does not follow from `common` in one step gives that step's refusal.
 */
export function detectAttack(conflict: Conflict & { readonly config: LightClientConfig }): AttackVerdict {
  const { common, trusted, conflicting, config } = conflict;
  const { height } = trusted.header;
  if (conflicting.header.height !== height) return refuse('ATTACK_HEIGHT_DIFFERS', height);
  if (idOf(trusted.header) === idOf(conflicting.header)) return refuse('ATTACK_SAME_BLOCK', height);
  for (const block of [trusted, conflicting]) {
    const problem = linkProblem(common, block) ?? lightBlockProblem(block, config);
    if (problem !== null) return problem;
  }
  return { ok: true, attack: describe({ common, trusted, conflicting }) };
}

function describe(conflict: Conflict): LightClientAttack {
  const { common, trusted, conflicting } = conflict;
  const kind = attackKind(certified(trusted), certified(conflicting));
  const known = knownMembers(conflict);
  const both = signersAmong(signersAmong(known, trusted), conflicting);
  const guilty = { lunatic: signersAmong(known, conflicting), equivocation: both, amnesia: [] }[kind];
  return {
    kind,
    height: trusted.header.height,
    common,
    trusted,
    conflicting,
    signedBoth: both.map(({ operator }) => operator),
    culprits: guilty.map(({ operator }) => operator),
    duplicateVotes: trusted.commit.round === conflicting.commit.round ? duplicateVotes(conflict) : [],
  };
}

function certified({ header, commit }: LightBlock): { header: Header; round: number } {
  return { header, round: commit.round };
}

/** Whom the trusted sides know: the set after the common block and that of the attacked height. */
export function knownMembers({ common, trusted }: Omit<Conflict, 'conflicting'>): readonly Validator[] {
  return union(nextSetOf(common), trusted.validators);
}

/** Members of either set, by operator; of two entries of one operator with the same key one stays. */
function union(first: readonly Validator[], second: readonly Validator[]): readonly Validator[] {
  const keys = new Set(first.map(({ publicKey }) => publicKey));
  const all = [...first, ...second.filter(({ publicKey }) => !keys.has(publicKey))];
  return all.sort((a, b) => (a.operator < b.operator ? -1 : a.operator > b.operator ? 1 : 0));
}

/** Only members of the trusted block's set: the chain asks for membership at that height. */
function duplicateVotes({ trusted, conflicting }: Conflict): readonly Evidence[] {
  const [firsts, seconds] = [precommitsByKey(trusted), precommitsByKey(conflicting)];
  return trusted.validators.flatMap(({ operator, publicKey }) => {
    const [first, second] = [firsts.get(publicKey), seconds.get(publicKey)];
    if (first === undefined || second === undefined) return [];
    return [
      {
        kind: 'duplicate.vote',
        first: voteOf(trusted, operator, first),
        second: voteOf(conflicting, operator, second),
      },
    ] as const;
  });
}

/** Precommits of the certificate by their signer's key. */
export function precommitsByKey({ commit, validators }: LightBlock): ReadonlyMap<PublicKey, CommitPrecommit> {
  const byKey = new Map<PublicKey, CommitPrecommit>();
  for (const precommit of commit.precommits) {
    const key = validators[precommit.validator]?.publicKey;
    if (key !== undefined) byKey.set(key, precommit);
  }
  return byKey;
}

function voteOf({ commit }: LightBlock, validator: Address, { signature }: CommitPrecommit): Vote {
  const { height, round, blockId } = commit;
  return { type: 'precommit', height, round, blockId, validator, signature, extension: null };
}

/**
 * Compares the blocks one peer led through, rising from a block both agree on, with another peer's at the same heights.
 * Null where they agree as far as the other tells.
 */
export function findConflict(
  trace: readonly LightBlock[],
  otherAt: (height: Height) => LightBlock | null,
): Conflict | null {
  let common: LightBlock | null = null;
  for (const trusted of trace) {
    const conflicting = otherAt(trusted.header.height);
    const differs = conflicting !== null && idOf(conflicting.header) !== idOf(trusted.header);
    if (differs) return common === null ? null : { common, trusted, conflicting };
    common = trusted;
  }
  return null;
}
