/**
 * The gate on the real model (spec: learning §7): what is found of honest and hostile deltas alone, and one whole evaluate job with its time.
 * `node bench/learning/gate.ts [--folder DIR] [--model DIR] [--seed HEX2] [--norm N]... [--only KIND]... [--full]`; deltas that lie in
 * `--folder` are used again, `--norm` in thousandths; the first is the timed job's.
 */
import { mkdirSync, mkdtempSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Row, report } from '../table.ts';
import { measureAlone } from './gate-alone.ts';
import { openBench, type Proposal, proposals } from './gate-deltas.ts';
import { trueItems } from './gate-items.ts';
import { evaluateRound } from './timed-gate.ts';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: join(homedir(), '.synod/models/smollm2-135m-instruct-q4-3d1dea0417cd') },
    folder: { type: 'string' },
    domain: { type: 'string', default: 'geography' },
    seed: { type: 'string', default: '5a' },
    norm: { type: 'string', multiple: true, default: ['2000', '4000'] },
    only: { type: 'string', multiple: true, default: [] },
    full: { type: 'boolean', default: false },
  },
});
/** Items that are trained on, and items of the timed job. */
const TAUGHT = 24;
const TIMED = 64;

const folder = values.folder ?? mkdtempSync(join(tmpdir(), 'synod-gate-'));
mkdirSync(folder, { recursive: true });
const bench = await openBench(values.model, values.domain, folder);
const items = trueItems(values.domain, TAUGHT, 11);
const all = await proposals(bench, items, values.only);
const gateSeed = values.seed.repeat(32);
const norms = values.norm.map(Number);
const found = [];
for (const normMax of norms) {
  console.log(`normMax ${normMax}`);
  const alone = await measureAlone(bench, all, { items, gateSeed, normMax, isFull: values.full });
  found.push(...alone.map((one) => ({ normMax, ...one })));
}
const whole = await timedJob(all.slice(-4));
const rows: Row[] = found.map(({ normMax, kind, isHonest, verdict }) => ({
  figure: `${kind}, norm up to ${normMax / 1000}`,
  value: verdict,
  goal: isHonest ? 'ok' : 'not ok',
  met: (verdict === 'ok') === isHonest,
}));
rows.push({
  figure: '4 deltas, 64 items',
  value: `${whole.cpuSeconds.toFixed(0)} s of one core`,
  goal: '≤ 70',
  met: whole.cpuSeconds <= 70,
});
report('learning-gate', rows, { found, whole });

/** Four deltas and 64 items as a validator measures them: seconds of the processor, since the machine may be shared. */
async function timedJob(four: readonly Proposal[]): Promise<{ readonly cpuSeconds: number; readonly report: unknown }> {
  const before = process.cpuUsage();
  const job = { deltas: four, items: trueItems(bench.domain, TIMED, 11), gateSeed, normMax: norms[0]! };
  const result = await evaluateRound(bench, job, { signal: new AbortController().signal, onProgress: () => {} });
  const { user, system } = process.cpuUsage(before);
  console.log(JSON.stringify(result));
  return { cpuSeconds: (user + system) / 1e6, report: result };
}
