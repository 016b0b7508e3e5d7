/**
 * What is offered, checked: a knowledge folder with its hashes, licences and bounds, or a model folder for an expert without
 * knowledge; and the base model it answers with. Owns those checks; the folder's own rules are the experts package's.
 */
import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Hash, modelIdOf, SynodError, ZERO_HASH } from '@synod/chain';
import { type KnowledgeCard, type Passage, readFolder } from '@synod/experts';
import type { ExpertSetup, ModelInfo } from '@synod/inference';
import { publishProblem } from '@synod/node/joined-knowledge';
import { LOCAL_PROFILE } from '../commands/expert-ask.ts';
import { displayPath, modelCacheDirectory } from '../settings/paths.ts';
import { SYNOD } from '../terminal/command-name.ts';
import { plainText } from '../terminal/plain-text.ts';

export type OfferedFolder = {
  /** Absolute. */
  readonly folder: string;
  /** Null: an expert without knowledge. */
  readonly card: KnowledgeCard | null;
  readonly passages: readonly Passage[];
  /** Why no other node can have this knowledge; null where every one can, or there is none. */
  readonly unpublished: string | null;
};

/** What a node needs to run the expert, and what the chain is told of it. */
export type OfferedExpert = {
  readonly setup: ExpertSetup;
  readonly model: ModelInfo;
  readonly modelDirectory: string;
  readonly modelId: Hash;
  readonly knowledgeRoot: Hash;
  readonly knowledgeSize: number;
};

export type OfferSource = {
  readonly model: string;
  readonly adapter?: string;
  readonly signal: AbortSignal;
  readonly note: (line: string) => void;
};

/**
 * Reads all of the folder. Throws `NOT_FOUND`, `KNOWLEDGE_FORMAT`, `KNOWLEDGE_ROOT`, `KNOWLEDGE_PASSAGE`, `KNOWLEDGE_OTHER_DOMAIN` or
 * `KNOWLEDGE_LICENCE`.
 */
export async function readOffered(directory: string, domain: string): Promise<OfferedFolder> {
  const folder = resolve(directory);
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new SynodError('NOT_FOUND', `There is no folder ${displayPath(folder)}. ${howToBuild(domain)}`, {
      facts: { folder },
    });
  }
  if (!existsSync(join(folder, 'card.json'))) {
    if (existsSync(join(folder, 'model.json'))) return { folder, card: null, passages: [], unpublished: null };
    throw new SynodError(
      'NOT_FOUND',
      `${displayPath(folder)} is neither a knowledge folder (it has no card.json) nor a model folder (it has no model.json). ${howToBuild(domain)}`,
      { facts: { folder } },
    );
  }
  const { card, passages } = await readFolder(folder);
  requireDomain(card, domain, folder);
  requireLicences(card, folder);
  return { folder, card, passages, unpublished: await publishProblem(folder) };
}

/** What follows for whoever offers knowledge that cannot be published, and what to do; null where it can be. */
export function unpublishedWarning({ unpublished }: Pick<OfferedFolder, 'unpublished'>, domain: string): string | null {
  if (unpublished === null) return null;
  // A whole sentence where the folder is damaged.
  const why = plainText(unpublished).replace(/\.$/, '');
  return `! This knowledge cannot be published: ${why}. Judges that have no folder of their own for ${domain} know nothing of it, so its right answers score low and earn little or nothing. Split it into two domains, or leave passages or names out, and build it anew.`;
}

/** The base model of the node that is asked; nulls where it has no worker, or one that has not loaded. */
export type AskedModel = { readonly model: string | null; readonly modelHash: string | null };

/**
 * What follows for whoever answers with a model that nobody can run again, or that others here do not run (verification, "Recipes" 4, "On chain" 4);
 * null for one that they do. What runs at the node that is asked stands for what others run, but for a model of another make: that node may be
 * the operator's own.
 */
export function unverifiableWarning(
  { backend, name, hash }: Pick<ModelInfo, 'backend' | 'name' | 'hash'>,
  asked: AskedModel,
): string | null {
  const way = 'Quotes are never drawn.';
  if (backend === 'http') {
    return `! ${name} is on a server, so that nobody can run it again: what it writes is paid nothing where it is drawn for verification. ${way} With --model default others can check it.`;
  }
  const isOther = asked.modelHash !== null && asked.modelHash.replace(/^0x/, '') !== hash.replace(/^0x/, '');
  if (backend !== 'onnx' && !isOther) return null;
  const others = isOther && asked.model !== null ? ` The node that you ask runs ${asked.model}.` : '';
  return `! Only validators that run ${name} too can check what it writes.${others} An answer that is drawn for verification is paid nothing where most of those drawn to verify it run another model. ${way} Choose the --model that validators here run.`;
}

/** Finds the base model and what the chain is to be told. Errors as `resolveModel`, and `NOT_FOUND` for an adapter that is not there. */
export async function prepareExpert(offered: OfferedFolder, source: OfferSource): Promise<OfferedExpert> {
  const { resolveModel } = await import('@synod/inference/models');
  let last = '';
  const resolved = await resolveModel({
    model: offered.card === null ? offered.folder : source.model,
    cacheDir: modelCacheDirectory(process.env),
    onProgress: ({ message }) => {
      if (message !== last) source.note(`  … ${message}`);
      last = message;
    },
    signal: source.signal,
  });
  const adapter = source.adapter === undefined ? null : await readAdapter(resolve(source.adapter));
  const setup: ExpertSetup = {
    profile: LOCAL_PROFILE,
    knowledge: offered.card === null ? null : offered.folder,
    adapter: adapter?.file ?? null,
  };
  const knowledgeRoot = (offered.card?.root ?? ZERO_HASH) as Hash;
  const adapterHash = adapter?.hash ?? ZERO_HASH;
  return {
    setup,
    model: resolved.info,
    modelDirectory: resolved.directory,
    modelId: modelIdOf({
      baseModel: resolved.hash as Hash,
      adapter: adapterHash,
      knowledgeRoot,
      profile: setup.profile,
    }),
    knowledgeRoot,
    knowledgeSize: offered.card?.size ?? 0,
  };
}

async function readAdapter(file: string): Promise<{ readonly file: string; readonly hash: Hash }> {
  if (!existsSync(file)) {
    throw new SynodError(
      'NOT_FOUND',
      `There is no adapter at ${displayPath(file)}. Leave --adapter out, or name another.`,
      {
        facts: { file },
      },
    );
  }
  const { readAdapterAbout } = await import('@synod/inference/adapters');
  return { file, hash: (await readAdapterAbout(file)).hash as Hash };
}

function requireDomain({ domain: found }: KnowledgeCard, domain: string, folder: string): void {
  if (found === domain) return;
  throw new SynodError(
    'KNOWLEDGE_OTHER_DOMAIN',
    `${displayPath(folder)} holds knowledge of ${found}, not of ${domain}. Offer it with --domain ${found}.`,
    { facts: { folder, found, domain } },
  );
}

/** Who quotes for money says under which terms. */
function requireLicences({ sources }: KnowledgeCard, folder: string): void {
  const bare = sources.find(({ title, licence }) => title === '' || licence === '');
  if (bare === undefined) return;
  throw new SynodError(
    'KNOWLEDGE_LICENCE',
    `${displayPath(folder)} names a source without ${bare.title === '' ? 'title' : 'licence'} ("${bare.id}"). Complete it and build the folder anew.`,
    { facts: { folder, source: bare.id } },
  );
}

function howToBuild(domain: string): string {
  return `Make one of your documents:  ${SYNOD} expert build ${domain} --documents DOCUMENTS --out FOLDER`;
}
