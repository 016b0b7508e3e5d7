/** Whether this node votes at a height, and with which of its keys. Owns that question; what is signed is the core's. */
import type { Address } from '@synod/chain';
import { type ChainHead, nextValidators } from './chain-head.ts';
import type { ConsensusSigner } from './ports.ts';

/**
 * The operator this node votes for in the height after the head: the set must name a key that it holds (staking §4.7), with
 * which nothing above was signed (consensus §1.7). The signer goes over to that key; null where there is none.
 */
export function voterAfter(head: ChainHead, signer: ConsensusSigner): Address | null {
  const named = keyNamedAfter(head, signer.operator);
  if (named !== null) signer.useKey?.(named);
  const isNamed = named === null || named === signer.publicKey;
  return isNamed && signer.signed().height <= head.height + 1 ? signer.operator : null;
}

/** The consensus key of the operator in the set of the height after the head; null where it is not in it. */
export function keyNamedAfter(head: ChainHead, operator: Address): ConsensusSigner['publicKey'] | null {
  return nextValidators(head).find((member) => member.operator === operator)?.publicKey ?? null;
}
