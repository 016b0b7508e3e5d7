/**
 * What is scraped of learning: per domain its feedback, versions, rounds, losses and bias. Owns the gauges `synod_learning_*`; all are read
 * from the node when scraped.
 */
import type { LearningLine, ModelVersion } from '@synod/chain';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { NodeApi } from '../node-api.ts';

const PHASES = ['assigning', 'training', 'revealing', 'gating', 'gateRevealing'] as const;
const STATES = ['canary', 'stable', 'superseded', 'rejected', 'rolledBack'] as const;
/** Losses are thousandths of a nat (spec: learning §7, `GateMeasures`). */
const MILLI = 1_000;
const PPM = 1_000_000;

/** The newest versions of a domain that are counted by state: a scrape stays cheap. */
const VERSIONS_COUNTED_MAX = 1_000;

type Line = { readonly line: LearningLine; readonly newest: ModelVersion | null };

/** Registers the gauges; nothing is read before a scrape. */
export function registerLearningMetrics(api: NodeApi, registry: Registry): void {
  const gauge = (name: string, help: string, labels: readonly string[], collect: (gauge: Gauge) => void) =>
    new Gauge({
      name: `synod_learning_${name}`,
      help,
      labelNames: ['domain', ...labels],
      registers: [registry],
      collect() {
        this.reset();
        collect(this);
      },
    });
  new Counter({
    name: 'synod_learning_feedback_total',
    help: 'Feedback given so far.',
    labelNames: ['domain'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [domain, { line }] of lines(api)) this.inc({ domain }, line.feedback);
    },
  });
  const perDomain = (name: string, help: string, value: (line: Line, domain: string) => number | null) =>
    gauge(name, help, [], (own) => {
      for (const [domain, line] of lines(api)) {
        const read = value(line, domain);
        if (read !== null) own.set({ domain }, read);
      }
    });
  perDomain('feedback_waiting', 'Feedback that waits for a round.', ({ line }) => line.waiting.length);
  perDomain('version', 'Version that queries get.', ({ line }) => line.stable);
  perDomain('last_version', 'Last version made, adopted or not.', ({ line }) => line.last);
  perDomain(
    'canary_version',
    'Version on trial; none where there is none.',
    ({ line }) => line.canary?.version ?? null,
  );
  perDomain(
    'learnt_passages',
    'Passages that the stable version has learnt.',
    ({ line }, domain) => api.modelVersion(domain, line.stable)?.learntSize ?? 0,
  );
  perDomain('live_score', 'Mean settled score of the stable version.', ({ line: { live } }) =>
    live.count === 0 ? null : live.sum / live.count / PPM,
  );
  registerMeasures(api, gauge);
  gauge('round_phase', '1 for the phase that the round under way is in.', ['phase'], (own) => {
    for (const [domain] of lines(api)) {
      const now = api.trainingRound(domain)?.phase;
      for (const phase of PHASES) own.set({ domain, phase }, phase === now ? 1 : 0);
    }
  });
  gauge('versions', 'Versions made, by what became of them (of the last thousand).', ['state'], (own) => {
    for (const [domain, { line }] of lines(api)) {
      const counts = new Map<string, number>(STATES.map((state) => [state, 0]));
      for (let number = line.last; number > 0 && number > line.last - VERSIONS_COUNTED_MAX; number--) {
        const state = api.modelVersion(domain, number)?.state;
        if (state !== undefined) counts.set(state, (counts.get(state) ?? 0) + 1);
      }
      for (const [state, count] of counts) own.set({ domain, state }, count);
    }
  });
}

type MakeGauge = (name: string, help: string, labels: readonly string[], collect: (gauge: Gauge) => void) => Gauge;

/** What the gate measured of the last version made, before and after its round. */
function registerMeasures(api: NodeApi, gauge: MakeGauge): void {
  const pairs = [
    ['loss', 'Loss on feedback, nats a token', 'feedbackBefore', 'feedbackAfter'],
    ['general_loss', 'Loss on general text, nats a token', 'generalBefore', 'generalAfter'],
    ['bias', 'Difference of loss between texts that differ in a protected attribute alone', 'biasBefore', 'biasAfter'],
  ] as const;
  for (const [name, help, before, after] of pairs) {
    gauge(name, `${help}: of the last version made, and of the one that it was made from.`, ['of'], (own) => {
      for (const [domain, { newest }] of lines(api)) {
        if (newest === null) continue;
        own.set({ domain, of: 'before' }, newest.measures[before] / MILLI);
        own.set({ domain, of: 'after' }, newest.measures[after] / MILLI);
      }
    });
  }
}

function lines(api: NodeApi): readonly (readonly [string, Line])[] {
  return api.learningDomains().flatMap((domain) => {
    const line = api.learningLine(domain);
    return line === null ? [] : [[domain, { line, newest: api.modelVersion(domain, line.last) }] as const];
  });
}
