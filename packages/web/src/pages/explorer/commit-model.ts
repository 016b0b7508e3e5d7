/** Who signed a block: the members of its validator set beside the signatures of its certificate. Pure. */
import type { CommitView } from '../../api/rpc-types.ts';

export type SignerLine = { readonly operator: string; readonly power: string; readonly hasSigned: boolean };

export type CommitSummary = {
  readonly signers: readonly SignerLine[];
  readonly signed: number;
  readonly signedPower: bigint;
  readonly power: bigint;
  /** Certificates need more than two thirds of the power. */
  readonly isQuorum: boolean;
};

/** In the order of the set. Precommits name validators by their index in it. */
export function commitSummary({ commit, validators }: Pick<CommitView, 'commit' | 'validators'>): CommitSummary {
  const signed = new Set(commit.precommits.map(({ validator }) => validator));
  const signers = validators.map(({ operator, power }, index) => ({ operator, power, hasSigned: signed.has(index) }));
  const powerOf = (lines: readonly SignerLine[]) => lines.reduce((sum, { power }) => sum + BigInt(power), 0n);
  const power = powerOf(signers);
  const signedPower = powerOf(signers.filter(({ hasSigned }) => hasSigned));
  return { signers, signed: signed.size, signedPower, power, isQuorum: signedPower * 3n > power * 2n };
}
