/**
 * Few-shot questions of MMLU as prompts, from the package `lm-eval` (MIT), fetched on demand and never committed. Owns which subjects
 * stand for "none of these", which are near a domain, and on which side of the measurement each is.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Prompt } from './prompts.ts';

/** Far from every domain. The first list is fitted on, the second measured: no subject is on both sides. */
const FAR = {
  fit: 'abstract_algebra astronomy business_ethics college_mathematics conceptual_physics econometrics elementary_mathematics formal_logic high_school_european_history high_school_government_and_politics high_school_macroeconomics high_school_physics high_school_world_history international_law logical_fallacies management moral_scenarios philosophy professional_accounting public_relations sociology world_religions'.split(' '),
  test: 'college_physics high_school_mathematics high_school_microeconomics high_school_psychology high_school_statistics high_school_us_history jurisprudence marketing moral_disputes prehistory professional_law security_studies us_foreign_policy'.split(' '),
} as const;
