/**
 * What the nodes of a devnet suffer because somebody asked for it, and how they pace their blocks: cuts between them, latency, experts
 * at fault, clocks turned ahead, blocks by hand. Owns what is wanted of every node, so that one that was down or paused gets it when it
 * is back; fault-port.ts carries it there.
 */
import { SynodError } from '@synod/chain';
import type { ExpertFault, Pace } from '@synod/node';
import { type FaultSettings, NO_FAULTS } from '@synod/node/faults';
import { setFaults, setPace } from '../chaos/fault-port.ts';
import type { Fleet } from './fleet.ts';
import type { PreparedNode } from './prepare.ts';

export class Disturbances {
  readonly #fleet: Fleet;
  #groups: readonly (readonly string[])[] | null = null;
  readonly #latencyMs = new Map<string, number>();
  readonly #experts = new Map<string, ReadonlyMap<string, ExpertFault>>();
  #clockOffsetMs = 0;
  #pace: Pace;

  constructor(fleet: Fleet, pace: Pace) {
    this.#fleet = fleet;
    this.#pace = pace;
  }

  get pace(): Pace {
    return this.#pace;
  }

  get clockOffsetMs(): number {
    return this.#clockOffsetMs;
  }

  /** Null while nothing is cut. */
  get groups(): readonly (readonly string[])[] | null {
    return this.#groups;
  }

  latencyMs(node: string): number {
    return this.#latencyMs.get(node) ?? 0;
  }

  expertFault(node: string, expert: string): ExpertFault | null {
    return this.#experts.get(node)?.get(expert) ?? null;
  }

  async setPace(pace: Pace): Promise<void> {
    this.#pace = pace;
    await this.#toAll(({ place }) => setPace(place.home, pace));
  }

  /** Blocks that were asked for are no longer wanted; told to nodes with the next push. */
  forgetAsked(): void {
    this.#pace = { ...this.#pace, mineUntil: 0 };
    this.#clockOffsetMs = 0;
  }

  async turnClocks(offsetMs: number): Promise<void> {
    this.#clockOffsetMs = offsetMs;
    await this.#pushFaults();
  }

  /** Nothing passes between nodes of different groups; those not named are a group of their own. */
  async partition(groups: readonly (readonly string[])[]): Promise<readonly (readonly string[])[]> {
    const named = groups.flat();
    for (const name of named) this.#fleet.require(name);
    if (new Set(named).size < named.length)
      throw new SynodError('INVALID_PARAMS', 'A node stands in two groups. Name each node once.');
    const rest = this.#names().filter((name) => !named.includes(name));
    const all = [...groups, rest].filter((group) => group.length > 0);
    if (all.length < 2) throw new SynodError('INVALID_PARAMS', 'All nodes are in one group: that cuts nothing.');
    this.#groups = all;
    await this.#pushFaults();
    return all;
  }

  /** No cut, no latency, no expert at fault. Clocks and pace stay. */
  async heal(): Promise<void> {
    this.#groups = null;
    this.#latencyMs.clear();
    this.#experts.clear();
    await this.#pushFaults();
  }

  async setLatency(nodes: readonly string[], latencyMs: number): Promise<void> {
    for (const name of nodes) this.#fleet.require(name);
    for (const name of nodes) this.#latencyMs.set(name, latencyMs);
    await this.#pushFaults();
  }

  /** Null ends it. */
  async setFault(targets: readonly { node: string; expert: string }[], fault: ExpertFault | null): Promise<void> {
    for (const { node, expert } of targets) {
      const experts = new Map(this.#experts.get(node));
      if (fault === null) experts.delete(expert);
      else experts.set(expert, fault);
      this.#experts.set(node, experts);
    }
    await this.#pushFaults();
  }

  /** Everything that is wanted of one node, after it was started or resumed. */
  async push(node: PreparedNode): Promise<void> {
    await setFaults(node.place.home, this.#settingsOf(node));
    await setPace(node.place.home, this.#pace);
  }

  async pushAll(): Promise<void> {
    await this.#toAll((node) => this.push(node));
  }

  #pushFaults(): Promise<void> {
    return this.#toAll((node) => setFaults(node.place.home, this.#settingsOf(node)));
  }

  async #toAll(act: (node: PreparedNode) => Promise<void>): Promise<void> {
    const running = this.#fleet.nodes.filter(({ place }) => this.#fleet.state(place.name) === 'running');
    await Promise.all(running.map(act));
  }

  #settingsOf({ place: { name } }: PreparedNode): FaultSettings {
    const isApart = (other: string) => this.#groups?.some((one) => one.includes(name) && !one.includes(other)) ?? false;
    const blockedPeers = this.#fleet.nodes.filter(({ place }) => isApart(place.name)).map(peerIdOf);
    const experts = Object.fromEntries(this.#experts.get(name) ?? []);
    return { ...NO_FAULTS, blockedPeers, latencyMs: this.latencyMs(name), clockOffsetMs: this.#clockOffsetMs, experts };
  }

  #names(): string[] {
    return this.#fleet.nodes.map(({ place }) => place.name);
  }
}

function peerIdOf({ p2p }: PreparedNode): string {
  return p2p.slice(p2p.lastIndexOf('/') + 1);
}
