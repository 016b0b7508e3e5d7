/**
 * Whether TCP ports are free, asked before anything is started on them.
 */
import { createServer } from 'node:net';
import { SynodError } from '@synod/chain';

/** Throws `PORT_TAKEN` naming the first port that something listens on. */
export async function requireFreePorts(host: string, ports: readonly number[], next: string): Promise<void> {
  for (const port of ports) {
    if (!(await isFree(host, port))) {
      throw new SynodError('PORT_TAKEN', `Port ${port} on ${host} is taken by another program. ${next}`, {
        facts: { port, host },
      });
    }
  }
}

function isFree(host: string, port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const server = createServer();
  server.once('error', () => resolve(false));
  server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  return promise;
}
