/**
 * Certificates with one thing wrong, at every place of the row, and what is due to each (consensus §1.3, §1.6, §1.14). Owns the certificates; whoever
 * serves forged ones over a network is attacks.ts.
 */
import {
  type CommitPrecommit,
  type ExtendedCommit,
  encodeVoteExtension,
  extensionSignBytes,
  type Hash,
  type Validator,
  voteSignBytes,
} from '@synod/chain';
import { verifyCommit } from '@synod/consensus';
import { keyedHashTier, keyPair } from './keys.ts';

const chainId = 'simulation';
const place = { height: 5, round: 2, blockId: 'aa'.repeat(32) as Hash };
const { sign, crypto } = keyedHashTier;
/** Two thirds of the power are the first two's, exactly. */
const powers = [20n, 20n, 15n, 5n];
const pairs = powers.map((_, index) => keyPair(`certificate ${index}`));
const validators = pairs.map(
  ({ address, publicKey }, index): Validator => ({
    operator: address,
    publicKey,
    vrfKey: publicKey,
    power: powers[index] as bigint,
  }),
);

/** What a certificate is taken for otherwise than it must be, or null. */
export function certificateProblem(): string | null {
  const ask = (
    name: string,
    members: readonly number[],
    due: string,
    change: (entry: CommitPrecommit, at: number) => CommitPrecommit = (entry) => entry,
    other: Partial<ExtendedCommit> = {},
  ) => {
    const commit = { ...place, ...other, precommits: members.map((index) => entryOf(index)).map(change) };
    const verdict = verifyCommit({ chainId, commit, validators, verify: crypto.verifySignature });
    const is = verdict.ok ? 'OK' : verdict.code;
    return is === due ? null : `a certificate with ${name} is ${is}, due ${due}`;
  };
  const all = [0, 1, 2, 3];
  const atEach = (name: string, due: string, change: (entry: CommitPrecommit) => CommitPrecommit) =>
    all.map((index) => ask(`${name} of ${index}`, all, due, (entry, at) => (at === index ? change(entry) : entry)));
  const answers = [
    ask('everybody', all, 'OK'),
    ask('a unit more than two thirds', [0, 1, 3], 'OK'),
    ask('two thirds', [0, 1], 'COMMIT_POWER_LOW'),
    ask('nobody', [], 'COMMIT_POWER_LOW'),
    ask('one twice', [0, 1, 1, 3], 'COMMIT_NOT_SORTED'),
    ask('two in another order', [0, 2, 1, 3], 'COMMIT_NOT_SORTED'),
    ask('a stranger', all, 'COMMIT_VALIDATOR_UNKNOWN', (entry, at) => (at === 3 ? { ...entry, validator: 4 } : entry)),
    ask('another round', all, 'COMMIT_SIGNATURE_BAD', undefined, { round: 1 }),
    ask('another height', all, 'COMMIT_SIGNATURE_BAD', undefined, { height: 6 }),
    ask('another block', all, 'COMMIT_SIGNATURE_BAD', undefined, { blockId: 'bb'.repeat(32) as Hash }),
    ask('a round below none', all, 'COMMIT_MALFORMED', undefined, { round: -1 }),
    ...atEach('another signature', 'COMMIT_SIGNATURE_BAD', (entry) => ({ ...entry, signature: new Uint8Array(64) })),
    ...atEach('a vote of another chain', 'COMMIT_SIGNATURE_BAD', ({ validator }) => entryOf(validator, 'another')),
    ...atEach('an unsigned extension', 'COMMIT_EXTENSION_SIGNATURE_BAD', (entry) => ({
      ...entry,
      extensionSignature: new Uint8Array(64),
    })),
    ...atEach('another extension', 'COMMIT_EXTENSION_SIGNATURE_BAD', (entry) => ({
      ...entry,
      extension: Uint8Array.of(1),
    })),
  ];
  return answers.find((answer) => answer !== null) ?? null;
}

function entryOf(validator: number, chain: string = chainId): CommitPrecommit {
  const pair = pairs[validator]!;
  const extension = encodeVoteExtension({ items: [] });
  return {
    validator,
    signature: sign(pair, voteSignBytes(chain, { type: 'precommit', ...place })),
    extension,
    extensionSignature: sign(pair, extensionSignBytes(chain, { ...place, extension })),
  };
}
