/**
 * `synod expert build`: makes a knowledge folder from open data and a user's documents, then the vectors that find its passages.
 * Owns the order and what is shown; the folder is the experts package's, vectors are the worker's.
 */
import { resolve } from 'node:path';
import { SynodError } from '@synod/chain';
import { type BuildOptions, buildKnowledge, DOMAINS, type DomainRecipe, verifyKnowledge } from '@synod/experts';
import { publishProblem } from '@synod/node/joined-knowledge';
import pc from 'picocolors';
import { shippedKnowledge } from '../devnet/domains.ts';
import { unknownDomain } from '../experts/find-domain.ts';
import { computeVectors } from '../experts/vectors.ts';
import { unpublishedWarning } from '../offering/offer-folder.ts';
import { stopSignal } from '../processes/stop-signals.ts';
import { displayPath, knowledgeCacheDirectory, knowledgeDirectory } from '../settings/paths.ts';
import { SYNOD } from '../terminal/command-name.ts';
import { type CommonOptions, note, print, printJson } from '../terminal/output.ts';

export type ExpertBuildFlags = CommonOptions & {
  readonly documents?: string;
  readonly out?: string;
  readonly check?: boolean;
  /** False with --no-vectors. */
  readonly vectors: boolean;
  readonly model: string;
};

const DOMAIN_NAME = /^[a-z0-9-]{1,48}$/;
/** What a domain brings that is made of documents alone. */
const NO_SOURCES: Omit<DomainRecipe, 'domain' | 'title'> = {
  sources: [],
  passages: async () => [],
  aliases: async () => ({}),
  relations: {},
  questions: {
    templates: [],
    inventedSubjects: [],
    unheldRelations: [],
    perTemplate: { train: 0, tune: 0, test: 0 },
  },
};
/** Vectors between two lines of progress. */
const VECTORS_NOTED_EVERY = 1_024;

export async function runExpertBuild(domain: string, flags: ExpertBuildFlags): Promise<void> {
  const signal = stopSignal();
  const recipe = recipeFor(domain, flags);
  const common = { recipe, cacheDir: knowledgeCacheDirectory(process.env), onProgress: progress(flags), signal };
  if (flags.check === true) return await check(common, flags);
  const out = flags.out === undefined ? knowledgeDirectory(process.env, domain) : resolve(flags.out);
  const documents = flags.documents === undefined ? undefined : resolve(flags.documents);
  const card = await interruptible(signal, () => buildKnowledge({ ...common, out, documents }));
  if (!flags.json)
    print(`✔ ${card.size} passages of ${card.domain}   root 0x${card.root.slice(0, 12)}…   ${displayPath(out)}`);
  const unpublished = await publishProblem(out);
  const warning = unpublishedWarning({ unpublished }, card.domain);
  if (warning !== null && !flags.json) note(pc.yellow(warning));
  if (flags.vectors) await embed(out, flags, signal);
  if (flags.json) {
    const { domain: name, root, size } = card;
    return printJson({ domain: name, out, root: `0x${root}`, size, vectors: flags.vectors, unpublished });
  }
  if (flags.vectors) print('✔ vectors of all passages');
  print();
  print(`Ask it:       ${SYNOD} expert ask ${domain} --knowledge ${displayPath(out)} "…"`);
  print(`Put it on a new chain:  ${SYNOD} devnet --reset --knowledge ${domain}=${displayPath(out)}`);
}

async function check(options: Omit<BuildOptions, 'out' | 'documents'>, flags: ExpertBuildFlags): Promise<void> {
  const { domain } = options.recipe;
  const shipped = flags.out === undefined ? shippedKnowledge(domain) : resolve(flags.out);
  const card = await interruptible(options.signal, () => verifyKnowledge(shipped, options));
  if (flags.json) return printJson({ domain, same: true, root: `0x${card.root}`, size: card.size });
  print(`✔ made anew, ${domain} has the same ${card.size} passages   root 0x${card.root.slice(0, 12)}…`);
}

/** A domain of one's own is made of documents alone. */
function recipeFor(domain: string, { documents, check: isCheck }: ExpertBuildFlags): DomainRecipe {
  const shipped = DOMAINS.find((recipe) => recipe.domain === domain);
  if (shipped !== undefined) return shipped;
  if (documents === undefined || isCheck === true) throw unknownDomain(domain);
  if (!DOMAIN_NAME.test(domain)) {
    throw new SynodError('USAGE', `"${domain}" is no name of a domain. Use 1 to 48 of a-z, 0-9 and "-".`, {
      facts: { domain },
    });
  }
  return { ...NO_SOURCES, domain, title: domain };
}

function progress({ json }: ExpertBuildFlags): BuildOptions['onProgress'] {
  let last = '';
  return ({ message }) => {
    if (message !== last && !json) note(`  … ${message}`);
    last = message;
  };
}

async function embed(folder: string, { model, json }: ExpertBuildFlags, signal: AbortSignal): Promise<void> {
  const onProgress = (done: number, total: number): void => {
    if (!json && done % VECTORS_NOTED_EVERY === 0 && done < total) note(`  … vectors ${done} of ${total}`);
  };
  await computeVectors(folder, { model, environment: process.env, signal, isQuiet: json, onProgress });
}

async function interruptible<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (signal?.aborted !== true) throw error;
    throw new SynodError('INTERRUPTED', 'Interrupted. Run the same command again: what was downloaded is kept.');
  }
}
