/**
 * What `start --validator` insists on. Owns the two kinds of trouble: a home that cannot sign is refused before it starts, and a chain that
 * does not have its validator, or has it with another key, is told in the log: a node that is to become one must run first.
 */
import { SynodError } from '@synod/chain';
import type { KeyFile } from '../node-home.ts';
import { displayPath } from '../settings/paths.ts';
import { SYNOD } from '../terminal/command-name.ts';

type SigningKeys = Pick<KeyFile, 'operator' | 'consensusSeed'>;

/** Whether a home has what a validator signs with. */
export function canSign({ operator, consensusSeed }: SigningKeys, hasSigner: boolean): boolean {
  return operator !== null && (consensusSeed !== null || hasSigner);
}

/** Throws `VALIDATOR_KEY_MISSING`: a unit file must not run an observer where a validator is expected. */
export function requireValidatorKeys(home: string, keys: SigningKeys, hasSigner: boolean): void {
  if (canSign(keys, hasSigner)) return;
  const { operator } = keys;
  const shown = displayPath(home);
  const why = operator === null ? "no validator's home: it holds no keys to sign with" : 'without its consensus key';
  const next =
    operator === null
      ? `Bring a validator's keys there:  ${SYNOD} backup restore FILE --home ${shown}\nor make a home with new ones:  ${SYNOD} init --home NEW --join URL --checkpoint HEIGHT@HASH`
      : `Name the process that holds it:  ${SYNOD} start --validator --home ${shown} --signer URL`;
  throw new SynodError(
    'VALIDATOR_KEY_MISSING',
    `${shown} is ${why}, and --validator asks for a node that signs. ${next}\nor run it as an observer, without --validator.`,
    { facts: { home, operator } },
  );
}

/** What of the chain is compared. */
export type OnChain = { readonly publicKey: string };

export type ValidatorTrouble = {
  readonly kind: 'unknown' | 'otherKey';
  readonly message: string;
  readonly facts: Readonly<Record<string, unknown>>;
};

/** Null where the chain has this validator, with the key that this node signs with. `own`: null where the chain has none of this operator. */
export function validatorTrouble(
  own: OnChain | null,
  {
    home,
    operator,
    signingKey,
  }: { readonly home: string; readonly operator: string; readonly signingKey: string | null },
): ValidatorTrouble | null {
  const shown = displayPath(home);
  if (own === null) {
    const next = `${SYNOD} validator create --home ${shown} --bond AMOUNT --key-file operator.json`;
    return { kind: 'unknown', message: 'the chain has no validator of this operator yet', facts: { operator, next } };
  }
  if (own.publicKey === signingKey) return null;
  const facts = { operator, onChain: own.publicKey, inHome: signingKey, next: `${SYNOD} doctor --home ${shown}` };
  return { kind: 'otherKey', message: 'the chain names another key for this validator: nothing is signed', facts };
}
