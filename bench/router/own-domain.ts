/**
 * Does a domain built from somebody's own documents get its questions, and nobody else's? A small handbook beside the shipped router; the
 * others' prompts are every twentieth of the fitting prompts and those tried while fitting. Usage: node bench/router/own-domain.ts [--model DIR].
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDocuments } from '../../packages/experts/src/index.ts';
import { openEmbedder } from '../../packages/inference/src/engine/embedder.ts';
import { openKnowledge } from '../../packages/inference/src/knowledge/knowledge.ts';
import { readManifest } from '../../packages/inference/src/models/store/manifest-file.ts';
import { route } from '../../packages/inference/src/routing/router.ts';
import { report } from '../table.ts';
import { modelDirectory, options, undisturbed } from './embedding.ts';
import { fittingPrompts, triedPrompts } from './prompts.ts';

const HANDBOOK = `# Halvorsen Boatyard handbook
Halvorsen Boatyard was founded in 1962 by Ingrid Halvorsen. The boatyard repairs wooden sailing boats and fishing boats. The slipway can carry boats of up to 40 tonnes. The crane is called Big Agnes and lifts 12 tonnes.
## Opening hours
The office is open from seven to four on weekdays. On Saturdays only the shop is open. Visitors must report to Tomas Birk at the gate.
## Holidays
Every employee has 28 days of holiday a year. Holiday must be asked for three weeks ahead in the Tidewell system. Unused days lapse at the end of March.
## Safety
Helmets must be worn below the crane. The first-aid box hangs beside the slipway door. In case of fire people gather at the Quay House car park.
`;
const NAMED = [
  'Who founded Halvorsen Boatyard?',
  'how much does big agnes lift?',
  'What is the Tidewell system for?',
  'where do i report tomas birk',
  'When was the boatyard founded?',
];
const NAMELESS = [
  'How many days of holiday do I get?',
  'When is the office open?',
  'Where do we meet in case of fire?',
  'How heavy a boat can the slipway carry?',
  'Who wears helmets?',
];
const EVERY = 20;

const { questions, knowledge: shipped, model } = options();
const folder = await mkdtemp(join(tmpdir(), 'synod-own-domain-'));
const documents = join(folder, 'documents');
await mkdir(documents);
await writeFile(join(documents, 'handbook.md'), HANDBOOK);
const passages = await readDocuments(documents, { onProgress: () => {}, signal: undisturbed.signal });
const card = {
  formatVersion: 1,
  domain: 'boatyard',
  title: '-',
  root: '0'.repeat(64),
  size: passages.length,
  sources: [],
};
await writeFile(join(folder, 'passages.jsonl'), passages.map((passage) => `${JSON.stringify(passage)}\n`).join(''));
for (const [name, value] of Object.entries({ aliases: {}, relations: {}, card })) {
  await writeFile(join(folder, `${name}.json`), JSON.stringify(value));
}
const directory = await modelDirectory(model);
const embedder = await openEmbedder(directory, (await readManifest(directory)).embedder);
const own = [{ domain: 'boatyard', knowledge: await openKnowledge(folder, { embed: embedder.embed }) }];
const taken = async (prompts: readonly string[]): Promise<string[]> => {
  const mine: string[] = [];
  for (const prompt of prompts) {
    if ((await route(embedder.embed, prompt, undisturbed, own)).domain === 'boatyard') mine.push(prompt);
  }
  return mine;
};
const fitting = (await fittingPrompts({ questions, knowledge: shipped })).filter(({ origin }) => origin !== 'passage');
const others = [...triedPrompts(), ...fitting.filter((_, i) => i % EVERY === 0)].map(({ text }) => text);
const [named, nameless, strangers] = [await taken(NAMED), await taken(NAMELESS), await taken(others)];
await embedder.close();
await rm(folder, { recursive: true });
report(
  'router-own-domain',
  [
    { figure: 'passages of the handbook', value: String(passages.length), goal: '–', met: null },
    {
      figure: 'questions with a name of its own',
      value: `${named.length} of ${NAMED.length}`,
      goal: 'all',
      met: named.length === NAMED.length,
    },
    { figure: 'questions without', value: `${nameless.length} of ${NAMELESS.length}`, goal: '–', met: null },
    {
      figure: "others' prompts taken",
      value: `${strangers.length} of ${others.length}`,
      goal: '0',
      met: strangers.length === 0,
    },
  ],
  { strangers },
);
