/** What a person is told when the node cannot listen. Owns the sentence. */
import { SynodError } from '@synod/chain';

export function listenFailed(listen: string, cause: unknown): SynodError {
  // libp2p puts whole stack traces into its message.
  const reason = reasonOf(cause);
  const isTaken = reason.includes('EADDRINUSE');
  const what = isTaken
    ? 'another program listens there'
    : (/\b(?:listen )?E[A-Z]{3,}[^\n]*/.exec(reason)?.[0] ?? reason.split('\n', 1)[0]);
  const next = isTaken ? 'Stop it, or choose another port' : 'Choose another address or port';
  return new SynodError('LISTEN_FAILED', `The node could not listen on ${listen}: ${what}. ${next} with --listen.`, {
    facts: { listen },
    cause,
  });
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
