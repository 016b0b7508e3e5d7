/**
 * An attack on light clients as evidence (spec: light-client §9, state §7.5): two headers of one height, one of them the
 * chain's own, and who signed what. Owns its kinds and what it must be to accuse anybody; age and record are evidence.ts.
 */
import { blockId, voteSignBytes } from '../codec/index.ts';
import { readPastHeader } from '../state/past-headers.ts';
import type { StateView } from '../state/view.ts';
import type { Address, Header, LightAttack, NamedSignature, Round, SignedHeader } from '../types/index.ts';

/**
 * `lunatic`: the conflicting header contradicts what the state of the height before commits to. `equivocation`: both headers
 * are possible and were certified in one round. `amnesia`: in different rounds, so that locks were forgotten.
 */
export type AttackKind = 'lunatic' | 'equivocation' | 'amnesia';

type CertifiedHeader = { readonly header: Header; readonly round: Round };

/** What kind of attack two certified headers of one height are. */
export function attackKind(trusted: CertifiedHeader, conflicting: CertifiedHeader): AttackKind {
  if (!followFromOneState(trusted.header, conflicting.header)) return 'lunatic';
  return trusted.round === conflicting.round ? 'equivocation' : 'amnesia';
}

/** The fields that the height before fixes: no proposer chooses them, and no honest validator precommits others. */
function followFromOneState(a: Header, b: Header): boolean {
  return (
    a.validatorsHash === b.validatorsHash &&
    a.nextValidatorsHash === b.nextValidatorsHash &&
    a.paramsHash === b.paramsHash &&
    a.stateRoot === b.stateRoot &&
    a.resultsRoot === b.resultsRoot
  );
}

/** What is wrong with its form, as far as no signature tells; null where it may accuse somebody. */
export function attackProblem(view: StateView, attack: LightAttack): string | null {
  const { commonHeight, trusted, conflicting } = attack;
  const { height } = trusted.header;
  if (conflicting.header.height !== height) return 'EVIDENCE_SLOT_DIFFERS';
  const id = blockId(trusted.header);
  if (blockId(conflicting.header) === id) return 'EVIDENCE_NOT_CONFLICTING';
  if (commonHeight < 1 || commonHeight >= height) return 'EVIDENCE_COMMON_HEIGHT';
  const kind = attackKind(trusted, conflicting);
  if (kind === 'amnesia') return 'EVIDENCE_NOT_ATTRIBUTABLE';
  if (!areSignersSound(attack, kind)) return 'EVIDENCE_SIGNERS';
  const own = readPastHeader(view, height);
  return own === null || own.blockId === id ? null : 'EVIDENCE_NOT_OF_THIS_CHAIN';
}

/** At least one signer, each once in rising order; both sides list the same where both count, else only the accused one. */
function areSignersSound({ trusted, conflicting }: LightAttack, kind: AttackKind): boolean {
  const [own, other] = [signersOf(trusted), signersOf(conflicting)];
  if (other.length === 0 || !other.every((who, at) => at === 0 || other[at - 1]! < who)) return false;
  if (kind === 'lunatic') return own.length === 0 && trusted.round === 0;
  return own.length === other.length && own.every((who, at) => who === other[at]);
}

function signersOf({ signatures }: SignedHeader): readonly Address[] {
  return signatures.map(({ validator }) => validator);
}

/** True when each listed precommit is signed; `by` knows the keys of the named. */
export function isAttackSigned(
  { trusted, conflicting }: LightAttack,
  chainId: string,
  by: (who: Address, message: Uint8Array, signature: Uint8Array) => boolean,
): boolean {
  return [trusted, conflicting].every(({ header, round, signatures }) => {
    const slot = { type: 'precommit', height: header.height, round, blockId: blockId(header) } as const;
    const message = voteSignBytes(chainId, slot);
    return signatures.every(({ validator, signature }: NamedSignature) => by(validator, message, signature));
  });
}
