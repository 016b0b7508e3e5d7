/** A plain HTTP load over keep-alive sockets: cheap enough that the server is what is measured. Owns sockets and counting. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export type Load = {
  readonly url: string;
  readonly body: string;
  readonly connections: number;
  readonly durationMs: number;
};

/** Requests answered with 200 a second. Throws for any other answer. */
export async function requestsPerSecond({ url, body, connections, durationMs }: Load): Promise<number> {
  const { hostname, port } = new URL(url);
  const request = Buffer.from(
    `POST / HTTP/1.1\r\nhost: ${hostname}:${port}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  const sockets = await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = connect(Number(port), hostname);
      socket.setNoDelay(true);
      await once(socket, 'connect');
      return socket;
    }),
  );
  let answered = 0;
  const began = performance.now();
  const endsAt = began + durationMs;
  const isOn = (): boolean => {
    answered += 1;
    return performance.now() < endsAt;
  };
  await Promise.all(sockets.map((socket) => askInTurn(socket, request, isOn)));
  const seconds = (performance.now() - began) / 1_000;
  for (const socket of sockets) socket.destroy();
  return answered / seconds;
}

/** One request after the other until `isOn` says no. */
function askInTurn(socket: Socket, request: Buffer, isOn: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    let missing = 0;
    socket.on('error', reject);
    socket.on('data', (data: Buffer) => {
      missing = missing === 0 ? lengthOf(data) - data.length : missing - data.length;
      if (missing > 0) return;
      if (isOn()) socket.write(request);
      else resolve();
    });
    socket.write(request);
  });
}

/** Bytes of the whole response whose head this is. */
function lengthOf(data: Buffer): number {
  const end = data.indexOf('\r\n\r\n');
  const head = data.toString('latin1', 0, end).toLowerCase();
  const length = /content-length: (\d+)/.exec(head)?.[1];
  if (!head.startsWith('http/1.1 200') || length === undefined) throw new Error(`not an answer: ${head.slice(0, 200)}`);
  return end + 4 + Number(length);
}
