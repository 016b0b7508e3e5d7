/**
 * Whether TCP ports are free, asked before anything is started on them.
 */
import { createServer } from 'node:net';
import { SynodError } from '@synod/chain';

/** Throws `PORT_TAKEN` naming the first port that something listens on, `LISTEN_FAILED` where this machine does not let anybody listen so. */
export async function requireFreePorts(host: string, ports: readonly number[], next: string): Promise<void> {
  for (const port of ports) {
    const code = await tryListen(host, port);
    if (code === null) continue;
    const facts = { port, host };
    if (code === 'EADDRINUSE') {
      throw new SynodError('PORT_TAKEN', `Port ${port} on ${host} is taken by another program. ${next}`, { facts });
    }
    throw new SynodError('LISTEN_FAILED', `Nobody can listen on port ${port} of ${host}: ${reasonOf(code)}.`, {
      facts,
    });
  }
}

/** Null when it can be listened on, else the system's code. */
function tryListen(host: string, port: number): Promise<string | null> {
  const { promise, resolve } = Promise.withResolvers<string | null>();
  const server = createServer();
  server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)));
  return promise;
}

function reasonOf(code: string): string {
  switch (code) {
    case 'EADDRNOTAVAIL':
      return 'this machine does not have that address. Correct "host" of "rpc" in node.json, 127.0.0.1 for this machine alone';
    case 'EACCES':
      return 'this user may not. Choose a port above 1023';
    case 'ENOTFOUND':
      return 'no such name is known. Write an IP address as "host" of "rpc" in node.json';
    default:
      return `the system says ${code}. Choose another address or port`;
  }
}
