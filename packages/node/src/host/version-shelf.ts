/**
 * The versions of domains' models that queries may be answered with, as files on this machine (spec: learning §9). Owns which are
 * needed, and making what is missing: learnt passages out of blobs, factors by adding recorded deltas up again. What the learner of
 * this node made while it measured lies there already.
 */
import {
  type Hash,
  listLines,
  listOpenQueries,
  type ModelVersion,
  PassageTree,
  readLine,
  readQuery,
  readVersion,
  type VersionRule,
  ZERO_HASH,
} from '@synod/chain';
import type { BaseVersion, ExpertSetup } from '@synod/inference';
import type { ChainHead } from './chain-head.ts';
import type { LearnerQueue } from './learner-queue.ts';
import { learntEntries } from './learning-blobs.ts';
import type { LearnerMessage } from './learning-ports.ts';
import { limits } from './limits.ts';
import type { HostPorts } from './ports.ts';

export type VersionOptions = {
  readonly ports: HostPorts;
  readonly head: () => ChainHead;
  readonly learner: LearnerQueue;
};

/** `isWrong`: the records came to other factors than the chain's. */
type Making = { readonly factors: Hash; failures: number; isWrong: boolean };

/** An expert as a version has it. `setup` null: its weights are not here. `isWhole` false: what it learnt is not here yet. */
export type VersionSetup = { readonly setup: ExpertSetup | null; readonly isWhole: boolean };

export class VersionShelf {
  readonly #options: VersionOptions;
  /** Genesis' factors that were asked for, once each. */
  readonly #derived = new Set<Hash>();
  /** Versions that were asked of the learner, by job. */
  readonly #makings = new Map<string, Making>();

  constructor(options: VersionOptions) {
    this.#options = options;
  }

  /** Makes what queries and rounds may need now. Called for every new head, and when a file or a blob has come. */
  onHead(): void {
    for (const version of this.#needed()) {
      this.#composeLearnt(version);
      this.#makeFactors(version);
    }
  }

  onLearner(message: LearnerMessage): void {
    if (message.kind !== 'failed' && message.kind !== 'aggregated') return;
    const making = this.#makings.get(message.id);
    if (making === undefined) return;
    if (message.kind === 'aggregated') {
      if (message.factors === making.factors) return;
      making.isWrong = true;
      this.#tell('what a version is made of does not add up to its factors', { ...message, expected: making.factors });
      return;
    }
    making.failures += 1;
    this.#tell('a version could not be made', { ...message });
  }

  /** The expert's setup with the version's weights and learnt passages in the place of its own. */
  dress(setup: ExpertSetup, domain: string, number: number): VersionSetup {
    const version = number === 0 ? null : readVersion(this.#options.head().state, domain, number);
    if (version === null) return { setup, isWhole: true };
    const adapter = version.adapter === ZERO_HASH ? setup.adapter : this.#adapterFile(version.adapter);
    const isBare = version.adapter === ZERO_HASH;
    const learnt = this.#learntFile(version);
    const isWhole = version.learntSize === 0 || learnt !== null;
    return { setup: adapter === null && !isBare ? null : { ...setup, adapter, learnt }, isWhole };
  }

  /** Learnt passages of the domain's newest version in force, canary included, that are here: what judges read. */
  newestLearnt(domain: string): string | null {
    const view = this.#options.head().state;
    const line = readLine(view, domain);
    for (const number of line === null ? [] : [line.canary?.version, line.stable]) {
      const version = number === undefined ? null : readVersion(view, domain, number);
      const file = version === null ? null : this.#learntFile(version);
      if (file !== null) return file;
    }
    return null;
  }

  /** What a round of the domain starts from; null while its files are not here. */
  base(domain: string, number: number): BaseVersion | null {
    const { versions } = this.#options.ports;
    const version = readVersion(this.#options.head().state, domain, number);
    if (version === null) return { factors: null, learnt: null };
    const learnt = this.#learntFile(version);
    if (version.learntSize > 0 && learnt === null) return null;
    if (version.factors === ZERO_HASH) return { factors: null, learnt };
    if (versions?.has('factors', version.factors) !== true) return null;
    return { factors: versions.file('factors', version.factors), learnt };
  }

  /** Stable versions, canaries, and what open queries were given to. */
  #needed(): readonly ModelVersion[] {
    const view = this.#options.head().state;
    const needed = new Map<string, ModelVersion>();
    const add = (domain: string, number: number | undefined) => {
      const version = number === undefined ? null : readVersion(view, domain, number);
      if (version !== null) needed.set(`${domain}/${version.number}`, version);
    };
    for (const domain of listLines(view)) {
      const line = readLine(view, domain);
      add(domain, line?.stable);
      add(domain, line?.canary?.version);
      add(domain, line?.control ?? undefined);
    }
    for (const id of listOpenQueries(view)) {
      const query = readQuery(view, id);
      for (const { version } of query?.respondents ?? []) add(query!.contract.domain, version);
    }
    return [...needed.values()];
  }

  #composeLearnt(version: ModelVersion): void {
    const { ports, head } = this.#options;
    if (ports.versions === undefined || version.learntSize === 0 || this.#learntFile(version) !== null) return;
    const entries = learntEntries({ view: head().state, blobs: ports.blobs }, version);
    if (entries === null) return;
    if (new PassageTree(entries).root === version.learntRoot) ports.versions.saveLearnt(version.learntRoot, entries);
    else this.#tell('what a version learnt does not add up to its root', { ...nameOf(version) });
  }

  /** A version whose weights did not pass has its parent's, which are made in its place; genesis' come out of its adapter. */
  #makeFactors(version: ModelVersion): void {
    const { head } = this.#options;
    if (version.factors === ZERO_HASH || this.#hasWeights(version)) return;
    const parent = version.number === 0 ? null : readVersion(head().state, version.domain, version.parent);
    if (parent !== null && parent.factors !== ZERO_HASH) {
      if (parent.factors === version.factors) return this.#makeFactors(parent);
      if (!this.#hasFactors(parent.factors)) return this.#makeFactors(parent);
    }
    if (version.rule !== null) return this.#aggregate(version, version.rule);
    const adapter = this.#adapterFile(version.adapter);
    if (adapter === null || this.#derived.has(version.factors)) return;
    this.#derived.add(version.factors);
    this.#options.ports.versions?.deriveFactors(version.factors, adapter);
  }

  #aggregate(version: ModelVersion, { aggregator, normMax }: VersionRule): void {
    const { ports, head, learner } = this.#options;
    const id = `aggregate/${version.domain}/${version.number}`;
    if (ports.learner === undefined || learner.has(id)) return;
    const view = head().state;
    const parent = readVersion(view, version.domain, version.parent);
    const deltas = version.contributions.map(({ content, verdict }, order) => ({
      // What the aggregate leaves out was found in integers (learning §6.1), so the verdict says it all.
      content: isLeftOut(verdict) ? null : content,
      order: isLeftOut(verdict) ? null : order,
    }));
    const making = this.#makings.get(id) ?? { factors: version.factors, failures: 0, isWrong: false };
    if (making.failures >= limits.jobAttempts || making.isWrong) return;
    if (!deltas.every(({ content }) => content === null || ports.blobs?.read(content) != null)) return;
    const factors = parent === null || parent.factors === ZERO_HASH ? null : this.#factorsFile(parent.factors);
    const isGiven = learner.submit({
      kind: 'aggregate',
      id,
      domain: version.domain,
      base: { factors, learnt: null },
      round: version.round,
      knowledge: null,
      deltas,
      aggregator,
      normMax,
    });
    if (isGiven) this.#makings.set(id, making);
  }

  #hasWeights({ factors, adapter }: ModelVersion): boolean {
    return this.#hasFactors(factors) && this.#adapterFile(adapter) !== null;
  }

  #hasFactors(hash: Hash): boolean {
    return this.#options.ports.versions?.has('factors', hash) === true;
  }

  #factorsFile(hash: Hash): string | null {
    return this.#options.ports.versions?.file('factors', hash) ?? null;
  }

  /** Genesis' adapters are experts' too: the library may have one that the shelf has not. */
  #adapterFile(hash: Hash): string | null {
    const { versions, library } = this.#options.ports;
    if (versions?.has('adapter', hash) === true) return versions.file('adapter', hash);
    return library?.has('adapter', hash) === true ? library.adapterFile(hash) : null;
  }

  #learntFile({ learntRoot, learntSize }: ModelVersion): string | null {
    const { versions } = this.#options.ports;
    if (learntSize === 0 || versions?.has('learnt', learntRoot) !== true) return null;
    return versions.file('learnt', learntRoot);
  }

  #tell(message: string, facts: Readonly<Record<string, unknown>>): void {
    this.#options.ports.observer.onHostEvent({ kind: 'log', level: 'warn', message, facts });
  }
}

function isLeftOut(verdict: ModelVersion['contributions'][number]['verdict']): boolean {
  return verdict === 'missing' || verdict === 'invalid' || verdict === 'copy';
}

function nameOf({ domain, number }: ModelVersion) {
  return { domain, version: number };
}
