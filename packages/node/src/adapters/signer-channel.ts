/**
 * Asks a signer in another process and waits, because the host's signer answers at once (keys §5, ADR 15). A thread does the talking; this
 * one sleeps until it is done or the time is up. Owns the waiting and what counts as away; what is said is signer-protocol.ts, and by whom signer-auth.ts.
 */
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { SIGNER_LIMITS } from './signer-auth.ts';

/** How a signer is reached. */
export type RemoteSignerConfig = {
  /** `http://` on this machine only, else `https://`. */
  readonly url: string;
  readonly token: string;
  /** PEM of the authority that the signer's certificate must come from; the system's when left out. */
  readonly ca?: string;
  /** How long an answer is waited for; `SIGNER_LIMITS.answerMs` when left out. */
  readonly answerMs?: number;
};

export type Asked =
  | { readonly ok: true; readonly status: number; readonly body: unknown }
  | {
      readonly ok: false;
      readonly code: 'SIGNER_UNREACHABLE' | 'SIGNER_TIMEOUT' | 'SIGNER_UNTRUSTED';
      readonly reason: string;
    };

/** Asked of the thread. */
export type ChannelQuestion = {
  readonly id: number;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body: string;
  readonly timeoutMs: number;
};

export type ChannelAnswer = { readonly id: number; readonly asked: Asked };

export type ChannelSetup = { readonly config: RemoteSignerConfig; readonly flag: Int32Array };

export type SignerChannel = {
  ask(question: {
    readonly method: 'GET' | 'POST';
    readonly path: string;
    readonly body?: object;
    readonly timeoutMs?: number;
  }): Asked;
  close(): Promise<void>;
};

/** Starts the thread. It ends with the process, or with `close`. */
export function openSignerChannel(
  config: RemoteSignerConfig,
  nowMs: () => number = () => performance.now(),
): SignerChannel {
  const flag = new Int32Array(new SharedArrayBuffer(4));
  const { port1: port, port2 } = new MessageChannel();
  const setup: ChannelSetup & { readonly port: typeof port2 } = { config, flag, port: port2 };
  const worker = new Worker(new URL('./signer-channel-thread.ts', import.meta.url), {
    workerData: setup,
    transferList: [port2],
  });
  worker.unref();
  port.unref();
  let lastId = 0;
  let away: { readonly untilMs: number; readonly asked: Asked } | null = null;
  const ask: SignerChannel['ask'] = ({ method, path, body, timeoutMs = config.answerMs ?? SIGNER_LIMITS.answerMs }) => {
    if (away !== null && nowMs() < away.untilMs) return away.asked;
    const id = ++lastId;
    const question: ChannelQuestion = {
      id,
      method,
      path,
      body: body === undefined ? '' : JSON.stringify(body),
      timeoutMs,
    };
    port.postMessage(question);
    const asked = waitFor(id, { endMs: nowMs() + timeoutMs, timeoutMs });
    away = asked.ok ? null : { untilMs: nowMs() + SIGNER_LIMITS.pauseMs, asked };
    return asked;
  };
  const waitFor = (id: number, { endMs, timeoutMs }: { readonly endMs: number; readonly timeoutMs: number }): Asked => {
    for (;;) {
      const seen = Atomics.load(flag, 0);
      // Answers to questions that were given up come first, and are dropped.
      for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
        const answer = next.message as ChannelAnswer;
        if (answer.id === id) return answer.asked;
      }
      const leftMs = endMs - nowMs();
      if (leftMs <= 0) {
        const reason = `the signer at ${config.url} did not answer within ${timeoutMs} ms`;
        return { ok: false, code: 'SIGNER_TIMEOUT', reason };
      }
      Atomics.wait(flag, 0, seen, leftMs);
    }
  };
  return {
    ask,
    close: async () => {
      port.close();
      await worker.terminate();
    },
  };
}
