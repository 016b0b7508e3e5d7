/**
 * Whether this node may sign, and if not, why: what start-up found, what ended the signing since, and the watch for a doppelganger. Owns the reason
 * that people read, and the timer that ends a watch over a chain that stands still.
 */
import type { Height, PublicKey } from '@synod/chain';
import { type ChainHead, nextValidators, paramsOf } from './chain-head.ts';
import { Doppelganger, ECHO_HEIGHTS } from './doppelganger.ts';
import { limits } from './limits.ts';
import { voterAfter } from './own-voter.ts';
import type { HostPorts } from './ports.ts';
import type { HostBoot } from './start-up.ts';
import type { Sync } from './sync.ts';

const TIMER = 'doppelganger';

export type SigningRightOptions = {
  readonly ports: HostPorts;
  /** What start-up found, and how this node watches. */
  readonly boot: Pick<HostBoot, 'observerReason' | 'doppelganger'>;
  head(): ChainHead;
  sync(): Pick<Sync, 'isPerhapsBehind' | 'peers'>;
};

export class SigningRight {
  readonly #options: SigningRightOptions;
  readonly #doppelganger: Doppelganger | null;
  #reason: string | null;
  #left = 0;

  constructor(options: SigningRightOptions) {
    this.#options = options;
    const { observerReason, doppelganger = null } = options.boot;
    this.#reason = observerReason;
    this.#doppelganger = doppelganger === null ? null : new Doppelganger(doppelganger);
  }

  /** Why this node does not sign; null where it does. */
  get observerReason(): string | null {
    if (this.#reason !== null || this.#doppelganger?.isWatching !== true) return this.#reason;
    return this.#watchReason();
  }

  canSign(): boolean {
    return this.#reason === null && this.#doppelganger?.isWatching !== true;
  }

  /** For good: only a start can end it. */
  refuse(reason: string, code = 'SIGNING_ENDED'): void {
    if (this.#reason !== null) return;
    this.#reason = reason;
    this.#options.ports.observer.onHostEvent({
      kind: 'log',
      level: 'error',
      message: 'this node stops signing and observes',
      facts: { code, reason },
    });
  }

  /** Before the height after the head is entered. */
  onHeight(): void {
    const { ports, head, sync } = this.#options;
    const { signer } = ports;
    if (this.#doppelganger === null || this.#reason !== null || signer === null) return;
    const isVoter = voterAfter(head(), signer) !== null && this.#isNamed(signer.publicKey);
    const was = this.#doppelganger.isWatching;
    const step = this.#doppelganger.onHeight(head().height + 1, {
      key: isVoter ? signer.publicKey : null,
      signedHeight: signer.signed().height,
      isBehind: sync().isPerhapsBehind(),
    });
    if (step.kind === 'signs') {
      if (was) this.#tellEnd();
      return;
    }
    this.#left = step.left;
    if (step.isNew) ports.timers.set(TIMER, this.#patienceMs());
    this.#tell('info', 'watching for another node with this key before signing', {
      heightsLeft: step.left,
      reason: this.#watchReason(),
    });
  }

  /** A verified vote or proposal by a validator's key. */
  onMessage(height: Height, key: PublicKey): void {
    if (this.#doppelganger?.isForeign(height, key) !== true) return;
    this.#doppelganger.clear();
    this.#options.ports.timers.clear(TIMER);
    this.refuse(foundReason(height), 'DOPPELGANGER_FOUND');
  }

  /**
   * True where the watch ends without the heights it wanted: they would have passed by now if they passed at all, and nobody signed. A node that
   * reaches no one goes on watching.
   */
  onTimer(name: string): boolean {
    if (name !== TIMER || this.#doppelganger?.isWatching !== true) return false;
    const { ports, head, sync } = this.#options;
    const isAlone = nextValidators(head()).length === 1;
    if ((sync().peers().length === 0 && !isAlone) || sync().isPerhapsBehind()) {
      ports.timers.set(TIMER, this.#patienceMs());
      return false;
    }
    this.#doppelganger.clear();
    this.#tellEnd();
    return true;
  }

  #isNamed(key: PublicKey): boolean {
    return nextValidators(this.#options.head()).some(({ publicKey }) => publicKey === key);
  }

  /** Longer than the watched heights take where blocks are made at all. */
  #patienceMs(): number {
    const { boot, head } = this.#options;
    const { blockIntervalMs, proposeMs, prevoteMs, precommitMs } = paramsOf(head()).timeouts;
    const heightMs = blockIntervalMs + limits.idleIntervalMs + proposeMs + prevoteMs + precommitMs;
    return ((boot.doppelganger?.watchHeights ?? 0) + ECHO_HEIGHTS) * heightMs;
  }

  #watchReason(): string {
    const { boot, ports } = this.#options;
    const { height } = ports.signer?.signed() ?? { height: 0 };
    const last = height === 0 ? 'it has signed nothing' : `it last signed at height ${height}`;
    return (
      `it watches for ${this.#left} more blocks whether another node signs with its key, because nothing proves that this home ` +
      `signed in the last ${boot.doppelganger?.recentHeights} blocks: ${last}`
    );
  }

  #tellEnd(): void {
    this.#options.ports.timers.clear(TIMER);
    this.#tell('info', 'nobody else signs with this key: this node signs from now on', {});
  }

  #tell(level: 'info', message: string, facts: Readonly<Record<string, unknown>>): void {
    this.#options.ports.observer.onHostEvent({ kind: 'log', level, message, facts });
  }
}

/** What ends the signing of a node whose key signs elsewhere. */
function foundReason(height: Height): string {
  return (
    `another node signs with this validator's key: a message of height ${height} came while this node only watched. ` +
    'Stop the other node, bring its record here (synod slashing-protection export, then import), and start this one again'
  );
}
