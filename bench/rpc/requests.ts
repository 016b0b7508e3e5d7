/**
 * Requests a second of `node_status` and `state_getAccount` at a real node, against a bare fastify route that returns the same bytes in
 * the same process, in turns: `node bench/rpc/requests.ts [--rounds 7] [--seconds 2]`.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { quantile, type Row, report } from '../table.ts';
import { requestsPerSecond } from './load.ts';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '7' }, seconds: { type: 'string', default: '2' } },
});
const CONNECTIONS = 16;
const WARM_UP_MS = 1_500;

const child = fork(new URL('served-node.ts', import.meta.url), { stdio: 'inherit' });
const [served] = await once(child, 'message');
const { url, bareUrl, bodies, bytes } = served as {
  readonly url: string;
  readonly bareUrl: string;
  readonly bodies: Readonly<Record<string, string>>;
  readonly bytes: Readonly<Record<string, number>>;
};

type Measured = { readonly perSecond: number /** Of the whole process, a request. */; readonly cpuMicros: number };

const GOAL = 0.6;

const rows: Row[] = [];
const details: Record<string, unknown> = {};

/** What is noisy in wall time on a busy machine is steady in processor time. */
function rowsOf(name: string, rounds: readonly { readonly ours: Measured; readonly bare: Measured }[]): Row[] {
  const ratios = rounds.map(({ ours, bare }) => ours.perSecond / bare.perSecond);
  const cpu = rounds.map(({ ours, bare }) => bare.cpuMicros / ours.cpuMicros);
  const most = (pick: (round: (typeof rounds)[number]) => number) => Math.round(Math.max(...rounds.map(pick)));
  const both = (values: readonly number[]) =>
    `median ${quantile(values, 0.5).toFixed(2)}, best ${Math.max(...values).toFixed(2)}`;
  const rates = `${most(({ ours }) => ours.perSecond)}/s, bare ${most(({ bare }) => bare.perSecond)}/s`;
  return [
    { figure: `${name}: best of ${rounds.length}`, value: rates, goal: '–', met: null },
    {
      figure: `${name}: requests/s to bare`,
      value: both(ratios),
      goal: `≥ ${GOAL}`,
      met: quantile(ratios, 0.5) >= GOAL,
    },
    { figure: `${name}: processor time, bare to ours`, value: both(cpu), goal: '–', met: null },
  ];
}

for (const [method, body] of Object.entries(bodies)) {
  const cpuMicros = async (): Promise<number> => {
    child.send({ method });
    const [told] = await once(child, 'message');
    return (told as { readonly cpuMicros: number }).cpuMicros;
  };
  const measure = async (at: string, durationMs: number): Promise<Measured> => {
    const before = await cpuMicros();
    const perSecond = await requestsPerSecond({ url: at, body, connections: CONNECTIONS, durationMs });
    return { perSecond, cpuMicros: ((await cpuMicros()) - before) / ((perSecond * durationMs) / 1_000) };
  };
  await measure(url, WARM_UP_MS);
  await measure(bareUrl, WARM_UP_MS);
  const rounds: { readonly ours: Measured; readonly bare: Measured }[] = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    const durationMs = Number(values.seconds) * 1_000;
    rounds.push({ ours: await measure(url, durationMs), bare: await measure(bareUrl, durationMs) });
  }
  rows.push(...rowsOf(`${method}, ${bytes[method]} bytes`, rounds));
  details[method] = rounds;
}
child.disconnect();
report('rpc-requests', rows, details);
