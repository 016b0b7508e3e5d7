/**
 * Prometheus metrics of what the node API and this server can tell (names: prefix synod_, base units). Owns the registry;
 * the server exposes it at /metrics.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { NodeApi } from '../node-api.ts';
import { registerLearningMetrics } from './learning-metrics.ts';
import { registerOperatingMetrics } from './operating-metrics.ts';

export type Metrics = {
  /** The exposition text and its content type. */
  read(): Promise<{ readonly contentType: string; readonly body: string }>;
  onQueryFinished(outcome: string, seconds: number): void;
  onFirstToken(seconds: number): void;
  /** Of the best answer of a query that was answered. */
  onTokens(tokens: { readonly in: number; readonly out: number }): void;
  onRequest(surface: 'jsonrpc' | 'openai', httpStatus: number): void;
  /** Ends the subscription to the node's heads. */
  close(): void;
};

const INTERVAL_BUCKETS = [0.1, 0.25, 0.4, 0.45, 0.5, 0.55, 0.6, 0.75, 1, 1.5, 2, 3, 5, 10, 30];
/** Gossipsub's thresholds, and around 0. */
const SCORE_BOUNDS = [-80, -50, -10, 0, 5, Infinity];
const QUERY_BUCKETS = [0.25, 0.5, 1, 1.5, 2, 3, 5, 7.5, 10, 15, 20, 30, 60, 120];

/** Creates the metrics of one server over its own registry. */
export function createMetrics(api: NodeApi): Metrics {
  const registers = [new Registry()];
  const registry = registers[0]!;
  collectDefaultMetrics({ register: registry });
  registerStatusGauges(api, registry);
  registerNetworkMetrics(api, registry);
  registerLearningMetrics(api, registry);
  registerOperatingMetrics(api, registry);
  const blockInterval = new Histogram({
    name: 'synod_block_interval_seconds',
    help: 'Time between the times of consecutive blocks.',
    buckets: INTERVAL_BUCKETS,
    registers,
  });
  const queries = new Counter({
    name: 'synod_queries_total',
    help: 'Queries opened here that ended, by outcome.',
    labelNames: ['outcome'],
    registers,
  });
  const querySeconds = new Histogram({
    name: 'synod_query_seconds',
    help: 'From opening a query to its final receipt.',
    buckets: QUERY_BUCKETS,
    registers,
  });
  const firstToken = new Histogram({
    name: 'synod_time_to_first_token_seconds',
    help: 'From opening a query to its first token.',
    buckets: QUERY_BUCKETS,
    registers,
  });
  const tokens = new Counter({
    name: 'synod_tokens_total',
    help: 'Tokens of the best answers of queries opened here: read (in) and written (out).',
    labelNames: ['dir'],
    registers,
  });
  const requests = new Counter({
    name: 'synod_rpc_requests_total',
    help: 'HTTP requests answered, by surface and HTTP status.',
    labelNames: ['surface', 'status'],
    registers,
  });

  return {
    read: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
    onQueryFinished(outcome, seconds) {
      queries.inc({ outcome });
      querySeconds.observe(seconds);
    },
    onTokens(count) {
      tokens.inc({ dir: 'in' }, count.in);
      tokens.inc({ dir: 'out' }, count.out);
    },
    onFirstToken: (seconds) => firstToken.observe(seconds),
    onRequest: (surface, httpStatus) => requests.inc({ surface, status: String(httpStatus) }),
    close: observeIntervals(api, blockInterval),
  };
}

/** Gauges that read the node when scraped. */
function registerStatusGauges(api: NodeApi, registry: Registry): void {
  const gauge = (name: string, help: string, value: () => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(value());
      },
    });
  gauge('synod_head_height', 'Height of the newest decided block.', () => api.status().head.height);
  gauge(
    'synod_finalized_height',
    'Height of the newest block whose certificate is stored.',
    () => api.status().finalized.height,
  );
  gauge(
    'synod_finality_lag_blocks',
    'Head height minus finalized height.',
    () => api.status().head.height - api.status().finalized.height,
  );
  gauge('synod_round', 'Consensus round of the present height.', () => api.status().round);
  gauge('synod_mempool_txs', 'Transactions waiting for a block.', () => api.status().mempoolTransactions);
  gauge('synod_open_queries', 'Queries that are not settled.', () => api.status().openQueries);
  gauge('synod_syncing', '1 while catching up.', () => (api.status().syncing ? 1 : 0));
  gauge('synod_worker_up', '1 while the inference worker is ready.', () =>
    api.status().worker.state === 'ready' ? 1 : 0,
  );
  gauge('synod_worker_queued_jobs', 'Jobs waiting in the inference worker.', () => api.status().worker.queued);
}

/** What is read of the network when scraped. */
function registerNetworkMetrics(api: NodeApi, registry: Registry): void {
  const registers = [registry];
  const perLabel = (name: string, help: string, label: string, values: () => Readonly<Record<string, number>>) =>
    new Gauge({
      name,
      help,
      labelNames: [label],
      registers,
      collect() {
        for (const [value, count] of Object.entries(values())) this.set({ [label]: value }, count);
      },
    });
  /** What the node counts itself. */
  const counted = (name: string, help: string, label: string, values: () => Readonly<Record<string, number>>) =>
    new Counter({
      name,
      help,
      labelNames: [label],
      registers,
      collect() {
        this.reset();
        for (const [value, count] of Object.entries(values())) this.inc({ [label]: value }, count);
      },
    });
  perLabel('synod_peers', 'Connected peers, by direction.', 'direction', () => {
    const peers = api.peers();
    const inbound = peers.filter(({ direction }) => direction === 'inbound').length;
    return { inbound, outbound: peers.length - inbound };
  });
  perLabel('synod_peer_scores', 'Connected peers whose gossip score is at most this much.', 'bound', () => {
    const scores = api.peers().map(({ gossipScore }) => gossipScore);
    const upTo = (bound: number) => scores.filter((score) => score <= bound).length;
    return Object.fromEntries(SCORE_BOUNDS.map((bound) => [bound === Infinity ? '+Inf' : `${bound}`, upTo(bound)]));
  });
  counted('synod_peer_bans_total', 'Bans since the start, by reason.', 'reason', () => api.network().bans);
  counted(
    'synod_connections_refused_total',
    'Connections refused since the start, by reason.',
    'reason',
    () => api.network().refused,
  );
  const single = (name: string, help: string, value: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  single('synod_peers_banned', 'Peers and addresses banned now.', () => api.network().bannedNow);
  single('synod_peers_known', 'Peers in the address book.', () => api.network().knownPeers);
  new Counter({
    name: 'synod_dial_failures_total',
    help: 'Dials in vain since the start.',
    registers,
    collect() {
      this.reset();
      this.inc(api.network().dialFailures);
    },
  });
}

/** Observes the interval whenever a new head follows directly on the last one seen. */
function observeIntervals(api: NodeApi, histogram: Histogram): () => void {
  let last = api.status().head;
  return api.subscribe('newHeads', null, () => {
    const { head } = api.status();
    // The first block's distance from genesis says nothing about block production.
    if (last.height > 0 && head.height === last.height + 1) histogram.observe((head.time - last.time) / 1000);
    last = head;
  });
}
