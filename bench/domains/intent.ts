/**
 * Does the expert tell prompts that want a text written from questions of fact? Measures rule and examples on open-prompts.jsonl: the
 * tuning half chose the constant, the test half is reported. Usage: node bench/domains/intent.ts [--list]
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createIntentReader, isOpen, ordersText } from '../../packages/inference/src/answering/intent.ts';
import { control, openEngine } from './load.ts';

type Prompt = { readonly prompt: string; readonly open: boolean; readonly split: 'tune' | 'test' };

const { values } = parseArgs({ options: { list: { type: 'boolean', default: false } } });
const lines = readFileSync(new URL('open-prompts.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n');
const prompts = lines.map((line) => JSON.parse(line) as Prompt);
const engine = await openEngine();
const reader = createIntentReader(engine.embed);
for (const split of ['tune', 'test'] as const) {
  const own = prompts.filter((prompt) => prompt.split === split);
  const counts = { open: 0, openFound: 0, factual: 0, factualFound: 0, byRule: 0 };
  for (const { prompt, open } of own) {
    const rule = ordersText(prompt);
    const judged = rule || (await isOpen(reader, prompt, control));
    counts[open ? 'open' : 'factual']++;
    if (judged === open) counts[open ? 'openFound' : 'factualFound']++;
    if (rule) counts.byRule++;
    const mark = judged === open ? ' ' : '✖';
    const openness = (await reader.openness(prompt, control)).toFixed(2);
    if (values.list || judged !== open)
      console.log(`${mark} ${rule ? 'rule' : '    '} ${openness.padStart(5)} ${prompt}`);
  }
  console.log(
    `${split}: open found ${counts.openFound} of ${counts.open} (${counts.byRule} by rule), factual kept ${counts.factualFound} of ${counts.factual}`,
  );
}
await engine.close();
