/**
 * How a node and its signer know each other (keys §5): each proves in every message that it holds the token, which is never sent. Owns the
 * proofs, the paths and the bounds; it loads nothing, because the thread that talks starts with it.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

export const signerPaths = {
  upcheck: '/upcheck',
  info: '/api/v1/info',
  publicKeys: '/api/v1/publicKeys',
  sign: '/api/v1/sign/',
  possession: '/api/v1/possession/',
  successor: '/api/v1/successor/',
} as const;

export const signerHeaders = { nonce: 'x-synod-nonce', request: 'x-synod-request', answer: 'x-synod-answer' } as const;

export const SIGNER_LIMITS = {
  /** Longest body either side reads: a vote extension in hexadecimal, and some more. */
  bodyBytesMax: 4 * 1024 * 1024,
  extensionBytesMax: 1024 * 1024,
  /** Connections a signer takes at once; a node uses one. */
  connectionsMax: 16,
  /** How long a node waits for an answer, where its home says nothing else: the length of a step. */
  answerMs: 500,
  /** The same at a start, where nothing is late yet. */
  openingMs: 5_000,
  /** After a signer did not answer, how long it is taken to be away without asking. */
  pauseMs: 250,
  labelBytesMax: 256,
  /** Keys that a signer holds, those out of force with them. */
  keysMax: 256,
  /** How long a connection may take to begin TLS, or to send a request: whoever says nothing takes no place from the node. */
  silenceMs: 5_000,
} as const;

/** Shows that whoever asks knows the token. The nonce is the asker's, 32 bytes in hexadecimal. */
export function requestProof(
  token: string,
  {
    method,
    path,
    nonce,
    body,
  }: { readonly method: string; readonly path: string; readonly nonce: string; readonly body: string },
): string {
  return createHmac('sha256', token)
    .update(`synod/signer-request/1\n${method}\n${path}\n${nonce}\n`)
    .update(body)
    .digest('hex');
}

/** Shows that whoever answers knows it too, and has answered this request. */
export function answerProof(
  token: string,
  { request, status, body }: { readonly request: string; readonly status: number; readonly body: string },
): string {
  return createHmac('sha256', token)
    .update(`synod/signer-answer/1\n${request}\n${status}\n`)
    .update(body)
    .digest('hex');
}

/** Compares in constant time. */
export function isProof(found: unknown, expected: string): boolean {
  if (typeof found !== 'string' || found.length !== expected.length) return false;
  return timingSafeEqual(Buffer.from(found), Buffer.from(expected));
}
