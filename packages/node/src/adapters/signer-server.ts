/**
 * The signer's side of the protocol (keys §5): holds the keys, decides by its own sign state and by nothing that the node claims. Owns HTTP,
 * the token's check and what is signed for whom; the rule of slots is signer-file.ts.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import {
  decodeSealedMessage,
  decodeVoteExtension,
  type Hash,
  proposalSignBytes,
  sealedSignBytes,
  toHex,
  voteSignBytes,
} from '@synod/chain';
import { identitySignBytes } from '../host/identity.ts';
import type { ConsensusSigner, Signed } from '../host/ports.ts';
import { answerProof, isProof, requestProof, SIGNER_LIMITS, signerHeaders, signerPaths } from './signer-auth.ts';
import { answerKeyRequest, type SignerKeyring } from './signer-keys.ts';
import { parseRequest, refusal, type SignerAnswer, type SignRequest } from './signer-protocol.ts';

export type SignerServerOptions = {
  readonly chainId: string;
  readonly genesisHash: Hash;
  /** Asked at every request: keys may be added. */
  readonly keyring: SignerKeyring;
  /** Both sides know it; it is never sent. */
  readonly token: string;
  /** PEM texts; null speaks plain HTTP, which is for this machine alone. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
  readonly log: Record<'info' | 'warn', (facts: object, message: string) => void>;
};

export type SignerServer = {
  /** Starts listening and gives the URL. */
  listen(host: string, port: number): Promise<string>;
  close(): Promise<void>;
};

export function createSignerServer(options: SignerServerOptions): SignerServer {
  const { tls } = options;
  const onRequest = (request: IncomingMessage, response: ServerResponse) => void serve(options, request, response);
  const { silenceMs } = SIGNER_LIMITS;
  const bounds = { headersTimeout: silenceMs, requestTimeout: silenceMs, connectionsCheckingInterval: 1_000 };
  const server: Server =
    tls === null
      ? createServer(bounds, onRequest)
      : createTlsServer({ ...bounds, ...tls, minVersion: 'TLSv1.3', handshakeTimeout: silenceMs }, onRequest);
  server.on('tlsClientError', (error: Error, { remoteAddress }: Socket) => {
    const reason = 'code' in error ? String(error.code) : error.message;
    options.log.warn({ remoteAddress, reason }, 'a connection without TLS 1.3 was refused');
  });
  server.maxConnections = SIGNER_LIMITS.connectionsMax;
  // A node keeps its connection between blocks.
  server.keepAliveTimeout = 120_000;
  return {
    listen: (host, port) => {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      server.once('error', reject);
      server.listen(port, host, () => {
        const { address, family, port: bound } = server.address() as AddressInfo;
        resolve(`${tls === null ? 'http' : 'https'}://${family === 'IPv6' ? `[${address}]` : address}:${bound}`);
      });
      return promise;
    },
    close: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      server.close(() => resolve());
      server.closeAllConnections();
      return promise;
    },
  };
}

async function serve(options: SignerServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = '', url: path = '' } = request;
  if (method === 'GET' && path === signerPaths.upcheck) {
    response.writeHead(200, { 'content-type': 'text/plain' }).end('OK');
    return;
  }
  const body = await bodyOf(request);
  const nonce = String(request.headers[signerHeaders.nonce] ?? '');
  const expected = requestProof(options.token, { method, path, nonce, body: body ?? '' });
  const isKnown = nonce.length === 64 && body !== null && isProof(request.headers[signerHeaders.request], expected);
  const answer = isKnown
    ? answerTo(options, { method, path, body })
    : refusal(401, 'UNAUTHORISED', 'the request is not signed with the token');
  const text = JSON.stringify(answer.body);
  const proof = isKnown
    ? { [signerHeaders.answer]: answerProof(options.token, { request: expected, status: answer.status, body: text }) }
    : {};
  response.writeHead(answer.status, { 'content-type': 'application/json', ...proof }).end(text);
}

/** Null for one that is too long or was cut off. */
async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > SIGNER_LIMITS.bodyBytesMax) return null;
      chunks.push(chunk);
    }
  } catch {
    // The other side has gone, so nobody reads the answer.
    return null;
  }
  return Buffer.concat(chunks).toString('utf8');
}

function answerTo(
  options: SignerServerOptions,
  { method, path, body }: { readonly method: string; readonly path: string; readonly body: string },
): SignerAnswer {
  const { chainId, genesisHash, keyring } = options;
  if (method === 'GET' && path === signerPaths.info) {
    const operator = keyring.signers()[0]?.operator ?? null;
    return { status: 200, body: { chainId, genesisHash: `0x${genesisHash}`, operator } };
  }
  if (method === 'GET' && path === signerPaths.publicKeys)
    return { status: 200, body: keyring.signers().map(({ publicKey }) => `0x${publicKey}`) };
  const ofKeys = method === 'POST' ? answerKeyRequest(keyring, path, parseJson(body)) : null;
  if (ofKeys !== null) {
    if (ofKeys.status === 200) options.log.info({ path }, 'a request about keys was answered');
    else options.log.warn({ path, ...ofKeys.body }, 'a request about keys was refused');
    return ofKeys;
  }
  if (method !== 'POST' || !path.startsWith(signerPaths.sign))
    return refusal(404, 'NOT_FOUND', 'there is no such path');
  const key = path.slice(signerPaths.sign.length).replace(/^0x/, '');
  const signer = keyring.signers().find(({ publicKey }) => publicKey === key);
  if (signer === undefined) return refusal(404, 'KEY_UNKNOWN', 'this signer does not hold the key');
  const request = parseRequest(parseJson(body));
  if (request === null) return refusal(400, 'SIGN_REQUEST_INVALID', 'the body is no request');
  const answer = answerSignRequest(signer, request, chainId);
  if (answer.status !== 200) options.log.warn({ key, type: request.type, ...answer.body }, 'signature refused');
  return answer;
}

/** What the key gives for the request; every byte that is signed is made here, from fields. */
export function answerSignRequest(signer: ConsensusSigner, request: SignRequest, chainId: string): SignerAnswer {
  switch (request.type) {
    case 'PROPOSAL':
      return signProposal(signer, request, chainId);
    case 'VOTE':
      return signVote(signer, request, chainId);
    case 'BEACON': {
      const proof = signer.proveBeacon(request.alpha);
      return proof === null
        ? refusal(503, 'KEY_UNKNOWN', 'no beacon key')
        : { status: 200, body: { proof: `0x${toHex(proof)}` } };
    }
    case 'IDENTITY':
      if (!isSame(request.signingBytes, identitySignBytes(chainId, request.peerId))) return mismatch();
      return signature(signer.signIdentity(request.peerId));
    case 'SEALED':
      return signSealed(signer, request, chainId);
    case 'AGREEMENT': {
      const secret = signer.agree(signer.publicKey, request.publicKey);
      return secret === null
        ? refusal(400, 'SIGN_REQUEST_INVALID', 'the key is of low order')
        : { status: 200, body: { secret: `0x${toHex(secret)}` } };
    }
    case 'SECRET':
      // A secret of the node's own: it never learns what the key's other labels give.
      return { status: 200, body: { secret: `0x${toHex(signer.deriveSecret(`remote/${chainId}/${request.label}`))}` } };
  }
}

type Of<T extends SignRequest['type']> = Extract<SignRequest, { type: T }>;

function signProposal(
  signer: ConsensusSigner,
  { proposal, signingBytes }: Of<'PROPOSAL'>,
  chainId: string,
): SignerAnswer {
  if (!isInCodec(() => proposalSignBytes(chainId, proposal), signingBytes)) return mismatch();
  const signed = signer.signProposal(proposal);
  return signed.ok ? signature(signed.value) : refused(signed);
}

function signVote(
  signer: ConsensusSigner,
  { vote, extension, signingBytes }: Of<'VOTE'>,
  chainId: string,
): SignerAnswer {
  if (!isInCodec(() => voteSignBytes(chainId, vote), signingBytes)) return mismatch();
  if (extension !== null && !decodeVoteExtension(extension).ok)
    return refusal(400, 'SIGN_REQUEST_INVALID', 'the extension is none');
  const signed = signer.signVote({ ...vote, extension });
  if (!signed.ok) return refused(signed);
  const { signature: bytes, extension: extended } = signed.value;
  const given = extended && { bytes: `0x${toHex(extended.bytes)}`, signature: `0x${toHex(extended.signature)}` };
  return { status: 200, body: { signature: `0x${toHex(bytes)}`, extension: given } };
}

function signSealed(signer: ConsensusSigner, { message, signingBytes }: Of<'SEALED'>, chainId: string): SignerAnswer {
  const decoded = decodeSealedMessage(message);
  if (!decoded.ok || decoded.value.author !== signer.publicKey) return mismatch();
  if (!isSame(signingBytes, sealedSignBytes(chainId, decoded.value))) return mismatch();
  return signature(signer.signSealed(decoded.value));
}

/** Fields out of the codec's range cannot be encoded, and are no more than a request that is wrong. */
function isInCodec(encode: () => Uint8Array, signingBytes: Uint8Array): boolean {
  try {
    return isSame(encode(), signingBytes);
  } catch {
    return false;
  }
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.from(one).equals(other);
}

function signature(bytes: Uint8Array | null): SignerAnswer {
  return bytes === null
    ? refusal(503, 'KEY_UNKNOWN', 'no key')
    : { status: 200, body: { signature: `0x${toHex(bytes)}` } };
}

function mismatch(): SignerAnswer {
  return refusal(400, 'SIGN_REQUEST_INVALID', 'the bytes to be signed are not those of the fields');
}

/** 412 says that protection forbids it, as Web3Signer does. */
function refused({ code, reason }: Extract<Signed<never>, { ok: false }>): SignerAnswer {
  const status =
    code === 'SIGN_SLOT_OLD' || code === 'SIGN_CONFLICT' ? 412 : code === 'SIGN_REQUEST_INVALID' ? 400 : 503;
  return refusal(status, code, reason);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Whatever it was, it is no request, and is answered as such.
    return null;
  }
}
