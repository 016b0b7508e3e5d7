/**
 * A WebSocket as an async iterator of parsed messages, in browsers and Node. Owns the queue between the socket's events and its
 * reader, the watch over silence, and the end of both; what messages mean is subscribe.ts.
 */

export type SocketReader = {
  /** `open` once connected, then every message; ends when the connection is lost, given up or the signal aborts. */
  messages(): AsyncGenerator<'open' | Readonly<Record<string, unknown>>>;
  send(message: object): void;
  close(): void;
};

type Item = 'open' | Readonly<Record<string, unknown>>;

/** Asked when the node was silent: any answer will do. */
const PROBE = { jsonrpc: '2.0', id: 0, method: 'node_health' };

/** Connects at once; a connection that cannot be made is one that ends before `open`. */
export function createSocketReader(
  url: string,
  limits: { readonly waitingMax: number; readonly silenceMs: number; readonly signal: AbortSignal },
): SocketReader {
  const socket = new WebSocket(url);
  const waiting: Item[] = [];
  let isOver = false;
  let isProbed = false;
  let wake: () => void = () => {};
  const watch = setInterval(() => {
    if (isProbed) return end();
    isProbed = true;
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(PROBE));
  }, limits.silenceMs);

  function put(item: Item): void {
    isProbed = false;
    waiting.push(item);
    // What was queued is still read; the rest is asked for again by its cursor.
    if (waiting.length >= limits.waitingMax) end();
    wake();
  }

  function end(): void {
    if (isOver) return;
    isOver = true;
    clearInterval(watch);
    limits.signal.removeEventListener('abort', end);
    socket.close();
    wake();
  }

  socket.addEventListener('open', () => put('open'));
  socket.addEventListener('message', ({ data }) => {
    const message = isOver ? null : parse(data);
    if (message !== null) put(message);
  });
  socket.addEventListener('close', end);
  socket.addEventListener('error', end);
  limits.signal.addEventListener('abort', end, { once: true });
  if (limits.signal.aborted) end();

  return {
    async *messages() {
      for (;;) {
        const item = waiting.shift();
        if (item !== undefined && !limits.signal.aborted) yield item;
        else if (isOver) return;
        else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    },
    send(message) {
      if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
    },
    close: end,
  };
}

/** Null for what is no JSON object: a Synod node sends nothing else. */
function parse(data: unknown): Readonly<Record<string, unknown>> | null {
  if (typeof data !== 'string') return null;
  try {
    const value: unknown = JSON.parse(data);
    return value !== null && typeof value === 'object' ? (value as Readonly<Record<string, unknown>>) : null;
  } catch {
    // JSON.parse's only way to say "not JSON".
    return null;
  }
}
