/**
 * Acceptance of corrections against the shipped folders: how many true, new and false ones pass. Owns the counting; no language model runs.
 * `node bench/learning/gate-acceptance.ts [--count N]`.
 */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openEmbedder } from '../../packages/inference/src/engine/embedder.ts';
import { openKnowledge } from '../../packages/inference/src/knowledge/knowledge.ts';
import { vectorsDirectory, vectorsFile } from '../../packages/inference/src/knowledge/vectors-file.ts';
import { judgeItems } from '../../packages/inference/src/learning/accept.ts';
import type { LearningExample } from '../../packages/inference/src/learning/protocol.ts';
import { readManifest } from '../../packages/inference/src/models/store/manifest-file.ts';
import { type Row, report } from '../table.ts';
import { falseOf, knowledgeFolder, newItems, trueItems } from './gate-items.ts';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: join(homedir(), '.synod/models/smollm2-135m-instruct-q4-3d1dea0417cd') },
    count: { type: 'string', default: '64' },
    domain: { type: 'string', multiple: true, default: ['geography', 'chemistry', 'medicine', 'programming'] },
  },
});
const control = { signal: new AbortController().signal, checkpoint: async () => {} };
const count = Number(values.count);
const embedder = await openEmbedder(values.model, (await readManifest(values.model)).embedder);
const embed = (texts: readonly string[]) => embedder.embed(texts, control);
const rows: Row[] = [];
const wrong: string[] = [];
for (const domain of values.domain) {
  const options = { embed, vectorsFile: (card: { domain: string }) => vectorsFile(vectorsDirectory(), card) };
  const knowledge = await openKnowledge(knowledgeFolder(domain), options);
  const true1 = trueItems(domain, count, 23);
  const kinds: readonly [string, readonly LearningExample[], boolean][] = [
    ['true facts of the folder', true1, true],
    ['facts that no folder has', newItems(count, 0), true],
    ['false values', falseOf(true1), false],
  ];
  for (const [kind, items, isTrue] of kinds) {
    // Each by an account of its own: the rule about accounts would hide what the others find.
    const own = items.map((item, i) => ({ ...item, author: `account-${i}` }));
    const startedMs = performance.now();
    const verdicts = await judgeItems({ items: own, earlier: [], learnt: [], knowledge }, control);
    const ms = (performance.now() - startedMs) / items.length;
    const accepted = verdicts.filter((verdict) => verdict === 'ok').length;
    for (const [i, verdict] of verdicts.entries()) {
      if ((verdict === 'ok') !== isTrue) wrong.push(`${domain}, ${kind}, ${verdict}: ${items[i]!.passage!.text}`);
    }
    const value = `${accepted} of ${items.length} accepted, ${ms.toFixed(0)} ms each`;
    rows.push({ figure: `${domain}: ${kind}`, value, goal: isTrue ? 'most' : 'few', met: null });
  }
}
await embedder.close();
report('gate-acceptance', rows, { wrong });
for (const line of wrong.slice(0, 60)) console.log(`  ${line}`);
