/**
 * A detected attack as the evidence that a chain takes (spec: light-client §9.7, state §7.5): the two headers, and the
 * signatures of the guilty under the names that the trusted sides give them. Owns the conversion alone.
 */
import type { Address, Evidence, LightBlock, NamedSignature, SignedHeader, Validator } from '@synod/chain';
import { knownMembers, type LightClientAttack, precommitsByKey } from './detect-attack.ts';

/** Evidence to be handed to any node of the chain (`encodeEvidence`); null where nobody is proven guilty. */
export function attackEvidence(attack: LightClientAttack): Evidence | null {
  const { kind, common, trusted, conflicting } = attack;
  if (attack.culprits.length === 0) return null;
  const guilty = membersSigning(attack, kind === 'lunatic' ? [conflicting] : [trusted, conflicting]);
  const { header } = trusted;
  return {
    kind: 'light.attack',
    commonHeight: common.header.height,
    trusted: kind === 'lunatic' ? { header, round: 0, signatures: [] } : signedBy(trusted, guilty),
    conflicting: signedBy(conflicting, guilty),
  };
}

/** Members of the trusted sets whose key signed all these blocks, one for each operator. */
function membersSigning(attack: LightClientAttack, blocks: readonly LightBlock[]): readonly Validator[] {
  const maps = blocks.map(precommitsByKey);
  const byOperator = new Map<Address, Validator>();
  for (const member of knownMembers(attack)) {
    if (maps.every((precommits) => precommits.has(member.publicKey))) byOperator.set(member.operator, member);
  }
  return [...byOperator.values()].sort((a, b) => (a.operator < b.operator ? -1 : 1));
}

function signedBy(block: LightBlock, members: readonly Validator[]): SignedHeader {
  const precommits = precommitsByKey(block);
  const signatures = members.flatMap(({ operator, publicKey }): NamedSignature[] => {
    const precommit = precommits.get(publicKey);
    return precommit === undefined ? [] : [{ validator: operator, signature: precommit.signature }];
  });
  return { header: block.header, round: block.commit.round, signatures };
}
