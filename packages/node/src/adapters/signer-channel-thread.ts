/**
 * The thread that talks to a signer while its node waits (signer-channel.ts). Owns one connection, the proofs of both sides, and one repetition
 * where a connection kept open turns out to be gone: the signer gives the same answer to the same request.
 */
import { randomBytes } from 'node:crypto';
import { Agent, type ClientRequest, type IncomingMessage, request as plainRequest } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { TLSSocket } from 'node:tls';
import { type MessagePort, workerData } from 'node:worker_threads';
import { answerProof, isProof, requestProof, SIGNER_LIMITS, signerHeaders } from './signer-auth.ts';
import type { Asked, ChannelAnswer, ChannelQuestion, ChannelSetup } from './signer-channel.ts';

const { config, flag, port } = workerData as ChannelSetup & { readonly port: MessagePort };
const isTls = config.url.startsWith('https:');
const keptOpen = { keepAlive: true, maxSockets: 1 } as const;
const agent = isTls
  ? new TlsAgent({ ...keptOpen, minVersion: 'TLSv1.3', ...(config.ca === undefined ? {} : { ca: config.ca }) })
  : new Agent(keptOpen);

port.on('message', async (question: ChannelQuestion) => {
  const asked = await askSigner(question);
  port.postMessage({ id: question.id, asked } satisfies ChannelAnswer);
  Atomics.add(flag, 0, 1);
  Atomics.notify(flag, 0);
});

async function askSigner(question: ChannelQuestion): Promise<Asked> {
  for (let attempt = 0; ; attempt++) {
    const outcome = await askOnce(question);
    if (outcome.kind === 'asked') return outcome.asked;
    if (outcome.isStale && attempt === 0) continue;
    return {
      ok: false,
      code: 'SIGNER_UNREACHABLE',
      reason: `the signer at ${config.url} cannot be reached: ${outcome.why}`,
    };
  }
}

type Outcome =
  | { readonly kind: 'asked'; readonly asked: Asked }
  | { readonly kind: 'failed'; readonly isStale: boolean; readonly why: string };

function askOnce({ method, path, body, timeoutMs }: ChannelQuestion): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  const nonce = randomBytes(32).toString('hex');
  const proof = requestProof(config.token, { method, path, nonce, body });
  const headers = {
    [signerHeaders.nonce]: nonce,
    [signerHeaders.request]: proof,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  };
  const send = isTls ? tlsRequest : plainRequest;
  const request: ClientRequest = send(new URL(path, config.url), { method, agent, headers, timeout: timeoutMs });
  const fail = (error: Error) => {
    const code = 'code' in error ? String(error.code) : '';
    const untrusted = certificateProblem(request, code);
    if (untrusted !== null) return resolve({ kind: 'asked', asked: notBelieved(untrusted) });
    const isStale = request.reusedSocket && (code === 'ECONNRESET' || code === 'EPIPE');
    resolve({ kind: 'failed', isStale, why: `${code || error.message}${hintOf(code, request.reusedSocket)}` });
  };
  request.on('error', fail);
  request.on('timeout', () => request.destroy(new Error('it takes too long')));
  request.on('response', (response) => {
    readAnswer(response, proof).then((asked) => resolve({ kind: 'asked', asked }), fail);
  });
  request.end(body);
  return promise;
}

/** An answer without proof is somebody else's, whatever it says. */
async function readAnswer(response: IncomingMessage, request: string): Promise<Asked> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > SIGNER_LIMITS.bodyBytesMax) throw new Error('its answer is too long');
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  const status = response.statusCode ?? 0;
  const expected = answerProof(config.token, { request, status, body: text });
  if (isProof(response.headers[signerHeaders.answer], expected)) return { ok: true, status, body: JSON.parse(text) };
  return notBelieved(
    status === 401 ? 'it refuses the token of this node' : 'what answers there does not know the token',
  );
}

function notBelieved(what: string): Asked {
  return { ok: false, code: 'SIGNER_UNTRUSTED', reason: `the signer at ${config.url} is not believed: ${what}` };
}

/** Why the certificate that was shown is not the signer's; null where that is not what failed. */
function certificateProblem({ socket }: ClientRequest, code: string): string | null {
  if (!(socket instanceof TLSSocket) || !socket.authorizationError) return null;
  const whose =
    config.ca === undefined ? 'any authority that this machine knows; name its own as "caFile"' : '"caFile"';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return `its certificate is for another host (${code})`;
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') return `its certificate is out of date (${code})`;
  return `its certificate does not come from ${whose} (${code})`;
}

/** What to look at where one side speaks TLS and the other does not. */
function hintOf(code: string, isReused: boolean): string {
  if (isTls && (code === 'EPROTO' || code.startsWith('ERR_SSL_')))
    return '. What listens there does not speak TLS 1.3: start it with --tls-cert';
  if (!isTls && !isReused && (code === 'ECONNRESET' || code.startsWith('HPE_')))
    return '. What listens there does not speak plain HTTP: if the signer has --tls-cert, name it by https://';
  return '';
}
