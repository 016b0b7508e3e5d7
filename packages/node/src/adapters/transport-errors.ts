/**
 * Keeps a rejection that nobody awaited inside libp2p from ending the process. Owns the process-wide handler while a
 * network runs; a rejection from anywhere else still ends the process, as a bug should.
 */

let watchers = 0;
const listeners = new Set<(error: Error) => void>();

/** Watches until the returned function is called; `onError` is told of every rejection that was held back. */
export function watchTransportErrors(onError: (error: Error) => void): () => void {
  if (watchers++ === 0) process.on('unhandledRejection', onRejection);
  listeners.add(onError);
  let isWatching = true;
  return () => {
    if (!isWatching) return;
    isWatching = false;
    listeners.delete(onError);
    if (--watchers === 0) process.off('unhandledRejection', onRejection);
  };
}

function onRejection(reason: unknown): void {
  if (!isTransportError(reason)) throw reason;
  for (const listener of listeners) listener(reason);
}

/** Raised by the transport's packages, judged by where it was made, or by the names its errors have. */
export function isTransportError(reason: unknown): reason is Error {
  if (!(reason instanceof Error)) return false;
  const madeIn = (reason.stack ?? '').split('\n').find((line) => line.trimStart().startsWith('at ')) ?? '';
  if (/node_modules\/(?:.*\/)?(?:@libp2p|@chainsafe|libp2p|race-signal|p-event|it-[\w-]+|@multiformats)\//.test(madeIn))
    return true;
  return TRANSPORT_ERRORS.has(reason.name);
}

/** Made by Node itself on the transport's behalf, or rethrown without a stack. */
const TRANSPORT_ERRORS = new Set([
  'AbortError',
  'StreamResetError',
  'StreamClosedError',
  'StreamAbortedError',
  'StreamStateError',
  'StreamBufferError',
  'ConnectionClosedError',
  'ConnectionClosingError',
  'MuxerClosedError',
]);
