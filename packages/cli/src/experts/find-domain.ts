/** What DOMAIN means to the `expert` commands. Owns finding its knowledge and adapter, and the error that names what there is. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { SynodError } from '@synod/chain';
import { shippedAdapter, shippedDomains, shippedKnowledge } from '../devnet/domains.ts';

export type LocalExpert = { readonly knowledge: string; readonly adapter: string | null };

export type LocalExpertFlags = { readonly knowledge?: string; readonly adapter?: string; readonly model: string };

/** Throws `NOT_FOUND` for a domain without knowledge here, or for a file that is not there. */
export function findLocalExpert(domain: string, { knowledge, adapter, model }: LocalExpertFlags): LocalExpert {
  const folder = knowledge === undefined ? shippedKnowledge(domain) : resolve(knowledge);
  if (!existsSync(join(folder, 'card.json'))) throw knowledge === undefined ? unknownDomain(domain) : noFolder(folder);
  if (adapter === 'none') return { knowledge: folder, adapter: null };
  if (adapter === undefined) return { knowledge: folder, adapter: model === 'default' ? shippedAdapter(domain) : null };
  const file = resolve(adapter);
  if (existsSync(file)) return { knowledge: folder, adapter: file };
  throw new SynodError('NOT_FOUND', `There is no adapter at ${file}. Name another, or "none".`, { facts: { file } });
}

export function unknownDomain(domain: string): SynodError {
  const names = shippedDomains().join(', ');
  return new SynodError(
    'NOT_FOUND',
    `No knowledge of "${domain}" is shipped. There is: ${names || 'none'}. Build your own:  synod expert build ${domain} --documents FOLDER`,
    { facts: { domain } },
  );
}

function noFolder(folder: string): SynodError {
  return new SynodError(
    'NOT_FOUND',
    `${folder} holds no knowledge: it has no card.json. Make it with:  synod expert build`,
    {
      facts: { folder },
    },
  );
}
