/** Certificates counted without the code under test. Owns the counting; whose certificate is judged when is checker.ts. */
import {
  type ExtendedCommit,
  extensionSignBytes,
  type Hash,
  type Height,
  type Validator,
  type VerifySignature,
  voteSignBytes,
} from '@synod/chain';

export type CertificateContext = {
  readonly chainId: string;
  /** The set that decides the certificate's height. */
  readonly validators: readonly Validator[];
  readonly verify: VerifySignature;
};

/** More than 2/3 of the power, each member once, every signature good. */
export function isCertified(
  commit: ExtendedCommit,
  { height, blockId }: { readonly height: Height; readonly blockId: Hash },
  { chainId, validators, verify }: CertificateContext,
): boolean {
  const { round } = commit;
  if (commit.height !== height || commit.blockId !== blockId) return false;
  const message = voteSignBytes(chainId, { type: 'precommit', height, round, blockId });
  const isGood = commit.precommits.every(({ validator, signature, extension, extensionSignature }) => {
    const member = validators[validator];
    if (member === undefined) return false;
    const extended = extensionSignBytes(chainId, { height, round, blockId, extension });
    return verify(member.publicKey, message, signature) && verify(member.publicKey, extended, extensionSignature);
  });
  return isGood && hasQuorum(commit, validators);
}

/** Power alone, each member once: for those who come to a height that has been judged with all its signatures. */
export function hasQuorum(commit: ExtendedCommit | null, validators: readonly Validator[]): boolean {
  const members = new Set(commit?.precommits.map(({ validator }) => validator));
  const power = validators.reduce((sum, member, index) => (members.has(index) ? sum + member.power : sum), 0n);
  const isEachOnce = members.size === commit?.precommits.length;
  return isEachOnce && 3n * power > 2n * validators.reduce((sum, member) => sum + member.power, 0n);
}
