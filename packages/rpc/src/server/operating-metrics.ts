/**
 * What an operator watches of a node and its validator: signing, standing, money, reputation, disk, clock. Owns these metrics; all
 * are read from the node when scraped, each from what is counted or in memory already.
 */
import { Counter, Gauge, type Registry } from 'prom-client';
import type { NodeApi, ValidatorStanding } from '../node-api.ts';

const STANDINGS: readonly ValidatorStanding['name'][] = [
  'signing',
  'joining',
  'waiting',
  'jailed',
  'exited',
  'tombstoned',
];
const NANO_PER_SYN = 1e9;

/** Registers them; nothing is read before a scrape. */
export function registerOperatingMetrics(api: NodeApi, registry: Registry): void {
  registerWork(api, registry);
  registerOwnValidator(api, registry);
  registerMachine(api, registry);
  registerGauge(registry, {
    name: 'synod_reputation',
    help: 'Reputation of the experts that answer through this node, from 0 to 1.',
    labels: ['expert', 'domain'],
    collect(own) {
      for (const expert of api.status().experts) {
        for (const { domain, reputation } of api.reputation(expert, null)) {
          own.set({ expert, domain }, reputation.alpha / (reputation.alpha + reputation.beta));
        }
      }
    },
  });
}

/** Counted by the node since its start. */
function registerWork(api: NodeApi, registry: Registry): void {
  const counter = (name: string, help: string, value: () => number) =>
    new Counter({
      name,
      help,
      registers: [registry],
      collect() {
        this.reset();
        this.inc(value());
      },
    });
  counter(
    'synod_signed_blocks_total',
    'Blocks whose certificate carries the precommit of this node, since its start.',
    () => api.operating().work().signedBlocks,
  );
  counter(
    'synod_missed_blocks_total',
    'Blocks whose certificate lacks the precommit of this node while its validator was in the set, since its start.',
    () => api.operating().work().missedBlocks,
  );
  const perLabel = (name: string, help: string, label: string, values: () => Readonly<Record<string, number>>) =>
    new Counter({
      name,
      help,
      labelNames: [label],
      registers: [registry],
      collect() {
        this.reset();
        for (const [value, count] of Object.entries(values())) this.inc({ [label]: value }, count);
      },
    });
  perLabel(
    'synod_earned_total',
    'SYN paid to its validator and its experts since its start, by source.',
    'source',
    () =>
      Object.fromEntries(
        Object.entries(api.operating().work().earned).map(([source, nano]) => [source, Number(nano) / NANO_PER_SYN]),
      ),
  );
  perLabel(
    'synod_feedback_total',
    'Feedback that the chain took since the start of this node, by what it says.',
    'verdict',
    () => api.operating().work().feedback,
  );
}

function registerOwnValidator(api: NodeApi, registry: Registry): void {
  // Looked up once a scrape for all of them: it reads every stake.
  let own: { readonly atMs: number; readonly views: ReturnType<NodeApi['validators']> } | null = null;
  const views = () => {
    if (own === null || performance.now() - own.atMs > SCRAPE_MS)
      own = { atMs: performance.now(), views: api.validators() };
    return own.views;
  };
  const ownView = () => {
    const { operator } = api.status();
    return operator === null ? undefined : views().find((view) => view.operator === operator);
  };
  registerGauge(registry, {
    name: 'synod_validator_status',
    help: '1 for how the validator of this node stands; no series where it has none.',
    labels: ['state'],
    collect(gauge) {
      const view = ownView();
      if (view === undefined) return;
      for (const state of STANDINGS) gauge.set({ state }, view.standing.name === state ? 1 : 0);
    },
  });
  registerGauge(registry, {
    name: 'synod_validator_power',
    help: 'Voting power of the validator of this node in the set of the next block.',
    labels: [],
    collect: (gauge) => gauge.set(Number(ownView()?.power ?? 0n)),
  });
  registerGauge(registry, {
    name: 'synod_validator_missed_window_blocks',
    help: 'Blocks that it missed within the window that jail is decided by.',
    labels: [],
    collect: (gauge) => gauge.set(ownView()?.missed ?? 0),
  });
  registerGauge(registry, {
    name: 'synod_validator_missed_allowed_blocks',
    help: 'Blocks that a validator may miss within the window before it is jailed.',
    labels: [],
    collect: (gauge) => gauge.set(api.params().staking.downtimeMissedMax),
  });
  registerGauge(registry, {
    name: 'synod_validators',
    help: 'Members of the validator set.',
    labels: [],
    collect: (gauge) => gauge.set(views().filter(({ power }) => power > 0n).length),
  });
  registerGauge(registry, {
    name: 'synod_signs',
    help: '1 while this node may sign, 0 while it observes.',
    labels: [],
    collect: (gauge) => gauge.set(api.status().role === 'validator' ? 1 : 0),
  });
}

/** Gauges of one scrape are read within a moment of each other. */
const SCRAPE_MS = 1_000;

function registerMachine(api: NodeApi, registry: Registry): void {
  registerGauge(registry, {
    name: 'synod_build_info',
    help: 'Always 1; the version is the label.',
    labels: ['version'],
    collect: (gauge) => gauge.set({ version: api.status().version }, 1),
  });
  registerGauge(registry, {
    name: 'synod_head_time_seconds',
    help: 'Time of the newest block, in seconds since 1970.',
    labels: [],
    collect: (gauge) => gauge.set(api.status().head.time / 1000),
  });
  registerGauge(registry, {
    name: 'synod_block_delay_seconds',
    help: 'How long after its own time the newest block was applied here: below 0 or far above the block interval, this clock is wrong.',
    labels: [],
    collect(gauge) {
      const delayMs = api.operating().blockDelayMs();
      if (delayMs !== null) gauge.set(delayMs / 1000);
    },
  });
  registerGauge(registry, {
    name: 'synod_db_bytes',
    help: 'Bytes on disk, by part of the home; looked at twice a minute at most.',
    labels: ['store'],
    async collect(gauge) {
      const storage = await api.operating().storage();
      for (const [store, bytes] of Object.entries(storage?.bytes ?? {})) gauge.set({ store }, bytes);
    },
  });
  registerGauge(registry, {
    name: 'synod_disk_free_bytes',
    help: 'Bytes free on the disk of the home.',
    labels: [],
    async collect(gauge) {
      const storage = await api.operating().storage();
      if (storage !== null) gauge.set(storage.freeBytes);
    },
  });
}

type GaugeOptions = {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  collect(gauge: Gauge): void | Promise<void>;
};

/** A gauge that tells nothing but what it is given at the scrape. */
function registerGauge(registry: Registry, { name, help, labels, collect }: GaugeOptions): void {
  new Gauge({
    name,
    help,
    labelNames: [...labels],
    registers: [registry],
    collect() {
      this.reset();
      // Without labels an empty gauge would say 0, which is a value.
      if (labels.length === 0) this.remove();
      return collect(this);
    },
  });
}
