/**
 * Where a node stops for good: after the block of its halt height is stored, so that all nodes of a chain change their version at
 * the same place. Owns that height and the moment; no further block is begun, while peers that lack the last one are still served.
 */
import { type Height, SynodError } from '@synod/chain';
import type { Logger } from 'pino';
import type { Host } from './host/index.ts';

const HALT_LIMITS = {
  /** Longest wait for peers that have not got the last block yet. */
  lingerMs: 10_000,
  lookEveryMs: 100,
} as const;

type View = {
  /** Height that each connected peer is deciding; null where it has not said. */
  peerHeights(): readonly (Height | null)[];
};

export class HaltWatch {
  /** Resolves with the height once its block is stored and peers have had their time. */
  readonly halted: Promise<Height>;
  readonly #resolve: (height: Height) => void;
  readonly #log: Pick<Logger, 'info'>;
  #height: Height | null;
  #isReached = false;
  #timer: NodeJS.Timeout | null = null;

  /** Throws as `set`. */
  constructor(options: { readonly height: Height | null; readonly head: Height; readonly log: Pick<Logger, 'info'> }) {
    const { promise, resolve } = Promise.withResolvers<Height>();
    this.halted = promise;
    this.#resolve = resolve;
    this.#log = options.log;
    this.#height = null;
    this.set(options.height, options.head);
  }

  get height(): Height | null {
    return this.#height;
  }

  /** Null: the node goes on for ever. Throws `HALT_HEIGHT_REACHED` or `HALT_HEIGHT_PASSED` when the head is there already. */
  set(height: Height | null, head: Height): void {
    if (height !== null && head >= height) throw tooLate(height, head);
    this.#height = height;
  }

  /** Every new head; at the halt height the host is told to begin nothing more. */
  onHead({ head, runner }: Pick<Host, 'head' | 'runner'>, view: View): void {
    if (this.#isReached || head.height !== this.#height) return;
    this.#isReached = true;
    runner.abandonHeight();
    this.#log.info(
      { height: head.height, stateRoot: head.state.root },
      'halt height reached: no further block is made',
    );
    this.#linger(head.height, view);
  }

  /** Nothing is waited for any more. */
  stop(): void {
    clearInterval(this.#timer ?? undefined);
  }

  #linger(height: Height, view: View): void {
    const endMs = performance.now() + HALT_LIMITS.lingerMs;
    this.#timer = setInterval(() => {
      const isAlone = view.peerHeights().every((one) => one !== null && one > height);
      if (!isAlone && performance.now() < endMs) return;
      this.stop();
      this.#resolve(height);
    }, HALT_LIMITS.lookEveryMs);
  }
}

function tooLate(height: Height, head: Height): SynodError {
  const facts = { height, head };
  if (head === height) {
    const message = `Block ${height}, at which this node was to halt, is its newest block: there is nothing left to do with this version. Install the new one and start it without --halt-height.`;
    return new SynodError('HALT_HEIGHT_REACHED', message, { facts });
  }
  const message = `Block ${height}, at which this node was to halt, is behind it: its newest block is ${head}. Start it without --halt-height, or name a later block.`;
  return new SynodError('HALT_HEIGHT_PASSED', message, { facts });
}
