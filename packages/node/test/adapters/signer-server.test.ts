/** What a remote signer signs (keys §5): what it made itself from the fields, and nothing that only claims to be that. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  addressOf,
  encodeSealedMessage,
  encodeVoteExtension,
  type Hash,
  type PublicKey,
  proposalSignBytes,
  publicKeyOf,
  sealedSignBytes,
  voteSignBytes,
} from '@synod/chain';
import fc from 'fast-check';
import { openConsensusSigner } from '../../src/adapters/signer-file.ts';
import { parseRequest, requestToJson, type SignRequest } from '../../src/adapters/signer-protocol.ts';
import { answerSignRequest } from '../../src/adapters/signer-server.ts';
import { identitySignBytes } from '../../src/host/identity.ts';
import { temporaryDirectory } from './temporary.ts';

const seed = new Uint8Array(32).fill(3);
const chainId = 'test';
const hashOf = (value: number): Hash => value.toString(16).padStart(64, '0') as Hash;
const author = publicKeyOf(seed);
const box = { ephemeral: new Uint8Array(32), keys: [], body: new Uint8Array(4) };
const sealed = {
  queryId: hashOf(1),
  kind: 'prompt',
  round: 0,
  author,
  sentAt: 3,
  box,
  signature: new Uint8Array(64),
} as const;
const vote = { type: 'precommit', height: 5, round: 1, blockId: hashOf(2) } as const;
const proposal = { height: 5, round: 1, polRound: -1, blockId: hashOf(2) };
const extension = encodeVoteExtension({ items: [] });

const requests: readonly SignRequest[] = [
  { type: 'PROPOSAL', signingBytes: proposalSignBytes(chainId, proposal), proposal },
  { type: 'VOTE', signingBytes: voteSignBytes(chainId, vote), vote, extension },
  {
    type: 'VOTE',
    signingBytes: voteSignBytes(chainId, { ...vote, round: 2, blockId: null }),
    vote: { ...vote, round: 2, blockId: null },
    extension: null,
  },
  { type: 'BEACON', alpha: new Uint8Array(40) },
  { type: 'IDENTITY', signingBytes: identitySignBytes(chainId, 'me'), peerId: 'me' },
  { type: 'SEALED', signingBytes: sealedSignBytes(chainId, sealed), message: encodeSealedMessage(sealed) },
  { type: 'AGREEMENT', publicKey: new Uint8Array(32).fill(9) },
  { type: 'SECRET', label: 'salts' },
];

function signerOf(directory: string) {
  const operator = addressOf(author);
  return openConsensusSigner({
    chainId,
    operator,
    consensusSeed: seed,
    vrfSeed: seed,
    stateFile: join(directory, 'sign-state'),
  });
}

test('every request survives the wire and is answered', (context) => {
  const signer = signerOf(temporaryDirectory(context));
  for (const request of requests) {
    const read = parseRequest(JSON.parse(JSON.stringify(requestToJson(request))));
    assert.deepEqual(read, request);
    assert.equal(answerSignRequest(signer, read!, chainId).status, 200, request.type);
  }
});

test('bytes that are not those of the fields are refused, and change no record', (context) => {
  const signer = signerOf(temporaryDirectory(context));
  const other = requests
    .map((request) => ('signingBytes' in request ? request.signingBytes : null))
    .filter((bytes) => bytes !== null);
  let refused = 0;
  for (const request of requests) {
    if (!('signingBytes' in request)) continue;
    for (const signingBytes of [...other, new Uint8Array(), new Uint8Array(100)]) {
      if (Buffer.from(signingBytes).equals(request.signingBytes)) continue;
      const answer = answerSignRequest(signer, { ...request, signingBytes }, chainId);
      assert.deepEqual(
        [answer.status, (answer.body as { code: string }).code],
        [400, 'SIGN_REQUEST_INVALID'],
        request.type,
      );
      refused += 1;
    }
  }
  assert.ok(refused > 20);
  assert.equal(signer.signed().height, 0);
  const ofOther = { ...sealed, author: publicKeyOf(new Uint8Array(32)) as PublicKey };
  const message = encodeSealedMessage(ofOther);
  assert.equal(
    answerSignRequest(signer, { type: 'SEALED', signingBytes: sealedSignBytes(chainId, ofOther), message }, chainId)
      .status,
    400,
  );
  const wrong = {
    type: 'VOTE',
    signingBytes: voteSignBytes(chainId, vote),
    vote,
    extension: new Uint8Array([9]),
  } as const;
  assert.equal(answerSignRequest(signer, wrong, chainId).status, 400, 'an extension that is none');
  const foreign = { type: 'VOTE', signingBytes: voteSignBytes('other', vote), vote, extension } as const;
  assert.equal(answerSignRequest(signer, foreign, chainId).status, 400, 'another chain');
});

test('a slot is signed once, and 412 says so', (context) => {
  const signer = signerOf(temporaryDirectory(context));
  const ask = (blockId: Hash, round = 1) => {
    const slot = { ...vote, round, blockId };
    return answerSignRequest(
      signer,
      { type: 'VOTE', signingBytes: voteSignBytes(chainId, slot), vote: slot, extension },
      chainId,
    );
  };
  const first = ask(hashOf(2));
  assert.equal(first.status, 200);
  assert.deepEqual(ask(hashOf(2)), first);
  assert.deepEqual([ask(hashOf(3)).status, ask(hashOf(2), 0).status], [412, 412]);
});

test('whatever is sent, it is a request or nothing, and a request is answered', (context) => {
  const signer = signerOf(temporaryDirectory(context));
  const members = [
    'type',
    'signingBytes',
    'vote',
    'proposal',
    'extension',
    'alpha',
    'peerId',
    'message',
    'publicKey',
    'label',
  ];
  fc.assert(
    fc.property(fc.constantFrom(...requests), fc.constantFrom(...members), fc.jsonValue(), (request, member, value) => {
      const read = parseRequest({ ...requestToJson(request), [member]: value });
      if (read !== null) assert.ok(answerSignRequest(signer, read, chainId).status >= 200);
    }),
    { numRuns: 500 },
  );
  const short = { type: 'BEACON', alpha: new Uint8Array(39) } as const;
  assert.equal(parseRequest(JSON.parse(JSON.stringify(requestToJson(short)))), null, 'a beacon is of 40 bytes');
  fc.assert(fc.property(fc.jsonValue(), (value) => parseRequest(value) === null));
});
