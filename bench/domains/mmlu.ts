/**
 * Fetches the few-shot items of MMLU for subjects near the domains out of the pinned `lm-eval` package (MIT) and writes
 * them to bench/domains/mmlu/, which is not committed: `node bench/domains/mmlu.ts`.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ensurePackage, readArchive } from '@synod/experts';
import { parse } from 'yaml';

const SUBJECTS: Readonly<Record<string, readonly string[]>> = {
  geography: ['high_school_geography', 'global_facts', 'high_school_world_history'],
  chemistry: ['high_school_chemistry', 'college_chemistry', 'conceptual_physics'],
  medicine: [
    'anatomy',
    'clinical_knowledge',
    'college_medicine',
    'medical_genetics',
    'nutrition',
    'professional_medicine',
    'virology',
  ],
  programming: ['computer_security', 'high_school_computer_science', 'college_computer_science'],
};

const FOLDER = 'lm_eval/tasks/mmlu/flan_cot_fewshot';
const PACKAGE = {
  registry: 'pypi',
  name: 'lm-eval',
  version: '0.4.13',
  fileName: 'lm_eval-0.4.13-py3-none-any.whl',
  bytes: 9149387,
  sha256: '5daaa1973bf874005f64f28d3834b875f6886f0d6475878e6a6c821994a5286a',
  members: /^lm_eval\/tasks\/mmlu\/flan_cot_fewshot\/mmlu_\w+\.yaml$/,
} as const;

type Sample = { readonly question: string; readonly target: string };

const downloads = join(process.env['SYNOD_CACHE'] ?? join(homedir(), '.synod', 'knowledge'), 'downloads');
const files = await readArchive(await ensurePackage(PACKAGE, { downloads }), PACKAGE.members);
const out = join(import.meta.dirname, 'mmlu');
await mkdir(out, { recursive: true });

for (const [domain, subjects] of Object.entries(SUBJECTS)) {
  const items = subjects.flatMap((subject) => samplesOf(subject).flatMap((sample) => itemOf(domain, subject, sample)));
  await writeFile(join(out, `${domain}.jsonl`), items.map((item) => `${JSON.stringify(item)}\n`).join(''));
  console.log(`${domain}: ${items.length} items of ${subjects.length} subjects`);
}

function samplesOf(subject: string): readonly Sample[] {
  const task = parse(files.text(`${FOLDER}/mmlu_${subject}.yaml`)) as {
    fewshot_config: { samples: readonly Sample[] };
  };
  return task.fewshot_config.samples;
}

/** An item with its choices and the letter of the right one; items in other forms are left out. */
function itemOf(domain: string, subject: string, { question, target }: Sample) {
  const [, stem, list] = /^([\s\S]*?)\s*(\(A\)[\s\S]*)$/.exec(question) ?? [];
  const choices = (list ?? '')
    .split(/\s*\([A-D]\)\s*/)
    .slice(1)
    .map((choice) => choice.trim());
  const letter = /answer is \(([A-D])\)/.exec(target)?.[1];
  if (stem === undefined || choices.length !== 4 || letter === undefined) return [];
  return [
    {
      domain,
      subject,
      question: stem.trim(),
      choices,
      answer: 'ABCD'.indexOf(letter),
      source: 'lm-eval 0.4.13 (MIT), MMLU few-shot items',
    },
  ];
}
