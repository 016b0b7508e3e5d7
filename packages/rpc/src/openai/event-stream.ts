/**
 * Server-sent events on a raw response: data, comments, keep-alive and the notice that the client is gone.
 */
import type { ServerResponse } from 'node:http';

export type EventStream = {
  /** Writes one `data:` event; waits while the client reads slowly. */
  data(value: unknown): Promise<void>;
  /** Writes a comment line, which clients ignore. */
  comment(text: string): Promise<void>;
  end(): void;
  /** Aborted when the client closed the connection. */
  readonly signal: AbortSignal;
};

/** Sends the headers and returns the stream; silence longer than `keepAliveMs` is filled with comments. */
export function startEventStream(
  response: ServerResponse,
  options: { readonly headers: Readonly<Record<string, string>>; readonly keepAliveMs: number },
): EventStream {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    ...options.headers,
  });
  response.flushHeaders();
  const gone = new AbortController();
  if (response.destroyed) gone.abort();
  const keepAlive = setInterval(() => response.write(': waiting\n\n'), options.keepAliveMs);
  response.once('close', () => {
    clearInterval(keepAlive);
    gone.abort();
  });

  async function write(text: string): Promise<void> {
    if (gone.signal.aborted || response.writableEnded) return;
    keepAlive.refresh();
    if (response.write(text)) return;
    await new Promise<void>((resolve) => {
      response.once('drain', resolve);
      gone.signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  return {
    data: (value) => write(`data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`),
    comment: (text) => write(`: ${text.replace(/[\r\n]+/g, ' ')}\n\n`),
    end() {
      clearInterval(keepAlive);
      response.end();
    },
    signal: gone.signal,
  };
}
