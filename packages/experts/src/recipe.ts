/** What a domain's author writes: sources, and how they become passages. Owns types only. */
import type { Passage } from './passage.ts';
import type { QuestionRecipe } from './questions/make-questions.ts';
import type { ArchiveFiles } from './sources/archive.ts';
import type { PinnedPackage } from './sources/pinned-package.ts';

/** A source by its id, as people read it on the card. Sources without a package are files of this repository. */
export type KnowledgeSource = {
  readonly id: string;
  readonly title: string;
  readonly licence: string;
  readonly version: string;
  readonly package: PinnedPackage | null;
};

/** The unpacked files of a source's package. */
export type ReadSource = (id: string) => Promise<ArchiveFiles>;

export type Aliases = Readonly<Record<string, readonly string[]>>;

export type DomainRecipe = {
  /** Name of the folder and of the expert: lower-case letters. */
  readonly domain: string;
  readonly title: string;
  readonly sources: readonly KnowledgeSource[];
  /** The passages in their final order. The same sources give the same passages, byte for byte. */
  passages(read: ReadSource): Promise<readonly Passage[]>;
  /** Other names of subjects. Names of subjects without passages are dropped. */
  aliases(read: ReadSource): Promise<Aliases>;
  /** How people ask for each relation. */
  readonly relations: Readonly<Record<string, readonly string[]>>;
  /** Templates of the benchmark; they shape no passage. */
  readonly questions: QuestionRecipe;
};

/** `title (licence)`: the `source` of a passage. */
export function sourceLine({ title, licence }: KnowledgeSource): string {
  return `${title} (${licence})`;
}
