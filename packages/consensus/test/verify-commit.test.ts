/** Certificates: a good one is accepted, and every single way to spoil it is refused with its own code. Real Ed25519. */
import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { test } from 'node:test';
import {
  type Address,
  codecLimits,
  type ExtendedCommit,
  extensionSignBytes,
  type Hash,
  type PublicKey,
  type Validator,
  voteSignBytes,
} from '@synod/chain';
import { type CommitVerdict, verifyCommit } from '../src/verify-commit.ts';

const chainId = 'synod-test';
const blockId = 'ab'.repeat(32) as Hash;
const keys = [40n, 30n, 20n, 10n].map((power, index) => createValidator(`syn1v${index}`, power));
const validators = keys.map(({ validator }) => validator);

test('a certificate of everybody, and of just more than two thirds, is accepted with its power', () => {
  assert.deepEqual(check(createCommit([0, 1, 2, 3])), { ok: true, power: 100n });
  assert.deepEqual(check(createCommit([0, 1])), { ok: true, power: 70n });
});

test('two thirds and less are refused', () => {
  assert.deepEqual(check(createCommit([0, 2])), { ok: false, code: 'COMMIT_POWER_LOW', index: null });
  const equal = [0, 1, 2].map((index) => ({ ...validators[index]!, power: 1n }));
  assert.equal(codeOf(check(createCommit([0, 1]), { validators: equal })), 'COMMIT_POWER_LOW');
  assert.equal(codeOf(check({ ...createCommit([0, 1]), precommits: [] })), 'COMMIT_POWER_LOW');
  assert.equal(codeOf(check({ ...createCommit([]), precommits: [] }, { validators: [] })), 'COMMIT_POWER_LOW');
});

test('a validator counts once and in order', () => {
  const { precommits, ...rest } = createCommit([0, 1, 2]);
  const [zero, one, two] = precommits;
  assert.deepEqual(check({ ...rest, precommits: [zero!, zero!, one!] }), {
    ok: false,
    code: 'COMMIT_NOT_SORTED',
    index: 1,
  });
  assert.deepEqual(check({ ...rest, precommits: [zero!, two!, one!] }), {
    ok: false,
    code: 'COMMIT_NOT_SORTED',
    index: 2,
  });
});

test('strangers are refused', () => {
  for (const validator of [4, -1, 0.5, Number.NaN]) {
    const { precommits, ...rest } = createCommit([0, 1]);
    const bad = { ...rest, precommits: [...precommits, { ...precommits[0]!, validator }] };
    assert.equal(codeOf(check(bad)), 'COMMIT_VALIDATOR_UNKNOWN');
  }
});

test('one bad signature refuses all, even where power would suffice without it', () => {
  for (const field of ['signature', 'extensionSignature'] as const) {
    const { precommits, ...rest } = createCommit([0, 1, 2, 3]);
    const bad = precommits.map((one, index) =>
      index === 3 ? { ...one, [field]: one[field].map((byte) => byte ^ 1) } : one,
    );
    const code = field === 'signature' ? 'COMMIT_SIGNATURE_BAD' : 'COMMIT_EXTENSION_SIGNATURE_BAD';
    assert.deepEqual(check({ ...rest, precommits: bad }), { ok: false, code, index: 3 });
  }
});

test('every signed fact matters: chain, height, round, block, extension', () => {
  const commit = createCommit([0, 1, 2]);
  assert.equal(codeOf(check(commit, { chainId: 'other' })), 'COMMIT_SIGNATURE_BAD');
  assert.equal(codeOf(check({ ...commit, height: 8 })), 'COMMIT_SIGNATURE_BAD');
  assert.equal(codeOf(check({ ...commit, round: 3 })), 'COMMIT_SIGNATURE_BAD');
  assert.equal(codeOf(check({ ...commit, blockId: 'cd'.repeat(32) as Hash })), 'COMMIT_SIGNATURE_BAD');
  const precommits = commit.precommits.map((one) => ({ ...one, extension: new Uint8Array([9]) }));
  assert.equal(codeOf(check({ ...commit, precommits })), 'COMMIT_EXTENSION_SIGNATURE_BAD');
  const swapped = commit.precommits.map((one) => ({ ...one, signature: one.extensionSignature }));
  assert.equal(codeOf(check({ ...commit, precommits: swapped })), 'COMMIT_SIGNATURE_BAD');
});

test('what cannot be encoded is refused, not thrown', () => {
  const commit = createCommit([0, 1]);
  for (const bad of [{ height: -1 }, { round: -1 }, { round: 2 ** 32 - 1 }, { height: 0.5 }, { round: Number.NaN }]) {
    assert.equal(codeOf(check({ ...commit, ...bad })), 'COMMIT_MALFORMED');
  }
  const extension = new Uint8Array(codecLimits.extensionBytes + 1);
  const precommits = commit.precommits.map((one) => ({ ...one, extension }));
  assert.equal(codeOf(check({ ...commit, precommits })), 'COMMIT_MALFORMED');
});

type Signer = { readonly validator: Validator; readonly secret: KeyObject };

function createValidator(operator: string, power: bigint): Signer {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url').toString('hex') as PublicKey;
  return { validator: { operator: operator as Address, publicKey: raw, vrfKey: raw, power }, secret: privateKey };
}

function createCommit(members: readonly number[]): ExtendedCommit {
  const slot = { height: 7, round: 2, blockId };
  const precommits = members.map((validator) => {
    const { secret } = keys[validator]!;
    const extension = Buffer.from(`scores of ${validator}`);
    const signature = sign(null, voteSignBytes(chainId, { type: 'precommit', ...slot }), secret);
    const extensionSignature = sign(null, extensionSignBytes(chainId, { ...slot, extension }), secret);
    return { validator, signature, extension, extensionSignature };
  });
  return { ...slot, precommits };
}

function check(
  commit: ExtendedCommit,
  changes: { chainId?: string; validators?: readonly Validator[] } = {},
): CommitVerdict {
  return verifyCommit({
    chainId,
    validators,
    ...changes,
    commit,
    verify: (key, message, signature) => {
      const x = Buffer.from(key, 'hex').toString('base64url');
      return verify(
        null,
        message,
        createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }),
        signature,
      );
    },
  });
}

function codeOf(verdict: CommitVerdict): string | null {
  return verdict.ok ? null : verdict.code;
}
