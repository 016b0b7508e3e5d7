/** The question file of a domain. Owns where the shipped ones lie. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { SynodError } from '@synod/chain';
import { expertsPackage } from '../devnet/domains.ts';

/** The named file, else that of the domain's benchmark in this checkout. Throws `NOT_FOUND`. */
export function questionsFile(domain: string, flag: string | undefined): string {
  const file =
    flag === undefined ? join(expertsPackage(), '../../bench/domains', domain, 'questions.jsonl') : resolve(flag);
  if (existsSync(file)) return file;
  throw new SynodError('NOT_FOUND', `There are no questions of ${domain} at ${file}. Name a file with --questions.`, {
    facts: { domain, file },
  });
}
