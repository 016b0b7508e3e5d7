/** Owns which packages the expert for programming is made from, by their exact bytes, and under which licences. */
import type { KnowledgeSource } from '../../recipe.ts';
import { WORDNET_SOURCE } from '../shared-sources.ts';

const npm = (name: string, version: string, fileName: string, bytes: number, sha256: string, members: RegExp) =>
  ({ registry: 'npm', name, version, fileName, bytes, sha256, members }) as const;

const all: readonly KnowledgeSource[] = [
  {
    id: 'curated',
    title: 'Synod contributors, curated programming facts',
    licence: 'CC0',
    version: '1',
    package: null,
  },
  {
    id: 'statuses',
    title: 'statuses: HTTP status codes',
    licence: 'MIT',
    version: '2.0.2',
    package: npm(
      'statuses',
      '2.0.2',
      'statuses-2.0.2.tgz',
      4_797,
      'ca800a24710488b568f4e73e8f570dd6b911c122cbf42b06930dee7c25949fe0',
      /^package\/codes\.json$/,
    ),
  },
  {
    id: 'linguist',
    title: 'linguist-languages',
    licence: 'MIT',
    version: '9.5.0',
    package: npm(
      'linguist-languages',
      '9.5.0',
      'linguist-languages-9.5.0.tgz',
      132_050,
      '395ac8b6c5df87b6d0a92b7557c4046685f5b00e6abeaecbb6945195eb233c8d',
      /^package\/data\/.*\.js$/,
    ),
  },
  {
    id: 'mime-db',
    title: 'mime-db: media types',
    licence: 'MIT',
    version: '1.54.0',
    package: npm(
      'mime-db',
      '1.54.0',
      'mime-db-1.54.0.tgz',
      29_535,
      '2b21054e65d0eabd58c5002d2713e968dd47b15700bfed4b7281a344ded1c420',
      /^package\/db\.json$/,
    ),
  },
  {
    id: 'spdx',
    title: 'SPDX licence list',
    licence: 'CC0',
    version: '6.12.0',
    package: npm(
      'spdx-license-list',
      '6.12.0',
      'spdx-license-list-6.12.0.tgz',
      2_527_041,
      '54cc8d13086187333ca1457c8edaa06d9a412144f076aa7f7c1b59c4f3b0a1ef',
      /^package\/spdx\.json$/,
    ),
  },
  {
    id: 'cwe',
    title: 'CWE 4.9, copyright The MITRE Corporation',
    licence: 'CWE terms of use',
    version: '3.0.0',
    package: {
      registry: 'pypi',
      name: 'cwe2',
      version: '3.0.0',
      fileName: 'cwe2-3.0.0-py3-none-any.whl',
      bytes: 8_968_739,
      sha256: 'abef03eb853f5c1851df6af5167bd9fe73a53dddb119fdbc5c3afc7d50b9f55b',
      members: /^cwe2\/database_v49\/navigate_cwe\/1000\.csv$/,
    },
  },
  WORDNET_SOURCE,
  {
    id: 'mdn-data',
    title: 'MDN data',
    licence: 'CC0',
    version: '2.37.2',
    package: npm(
      'mdn-data',
      '2.37.2',
      'mdn-data-2.37.2.tgz',
      103_398,
      'eaeb59485e6605391ab786ed499cc054f84acb55fa0727e8649da031bdfff1b8',
      /^package\/css\/properties\.json$/,
    ),
  },
  {
    id: 'browser-compat-data',
    title: 'MDN browser compatibility data',
    licence: 'CC0',
    version: '8.1.9',
    package: npm(
      '@mdn/browser-compat-data',
      '8.1.9',
      'mdn-browser-compat-data-8.1.9.tgz',
      965_950,
      'c99eff2b2ebf5ead405de12ed3bd7f40534bcb9966ca4a7679b01335146b472c',
      /^package\/data\.json$/,
    ),
  },
];

/** The source of an id. */
export function source(id: string): KnowledgeSource {
  const found = all.find((item) => item.id === id);
  if (found === undefined) throw new RangeError(`The expert for programming has no source ${id}`);
  return found;
}
source.all = all;
