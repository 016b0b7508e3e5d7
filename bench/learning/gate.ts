/**
 * The gate on the real model: honest deltas and hostile ones, what is measured of each alone, of candidates that hold them, and how long it takes.
 * `node bench/learning/gate.ts [--model DIR] [--folder DIR] [--items N]`; deltas in `--folder` are used again.
 */
import { mkdirSync, mkdtempSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureAlone } from './gate-alone.ts';
import { openBench, proposals } from './gate-deltas.ts';
import { trueItems } from './gate-items.ts';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: join(homedir(), '.synod/models/smollm2-135m-instruct-q4-3d1dea0417cd') },
    folder: { type: 'string' },
    domain: { type: 'string', default: 'geography' },
    items: { type: 'string', default: '16' },
  },
});
const folder = values.folder ?? mkdtempSync(join(tmpdir(), 'synod-gate-'));
mkdirSync(folder, { recursive: true });
const bench = await openBench(values.model, values.domain, folder);
const items = trueItems(values.domain, Number(values.items), 11);
const all = await proposals(bench, items);
await measureAlone(bench, items, all);
