/**
 * Everything before the first process starts: which chain, which model, genesis, and the home of every node. Owns the order
 * of these steps; each is idempotent, so that a start that was cut off is simply repeated.
 */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Genesis, genesisHash, genesisToJson, SynodError } from '@synod/chain';
import type { ModelProgress, ResolvedModel } from '@synod/inference/models';
import type { PaceMode } from '@synod/node';
import { writeJsonAtomic } from '../files/write-file.ts';
import { type KeyFile, readNodeHome, writeNodeHome } from '../node-home.ts';

import { requireFreePorts } from '../processes/ports.ts';
import { type Environment, modelCacheDirectory } from '../settings/paths.ts';
import { VERSION } from '../version.ts';
import { chooseChain, requireSameKnowledge, requireSameModel, resetDirectory, writeChainFile } from './chain-file.ts';
import { chosenDomains, type DevnetDomain, devnetDomains } from './domains.ts';
import type { Report } from './events.ts';
import { type ExpertPlan, expertPlans, GENERAL } from './experts.ts';
import { devnetGenesis } from './genesis.ts';
import { type DevnetKeys, devnetKeys, expertKey } from './keys.ts';
import { type Layout, type NodePlace, nodePlaces } from './layout.ts';
import { type DevnetLine, devnetLines, layLines } from './lines.ts';
import { NO_MODEL } from './model-name.ts';
import { type ChainChoice, type DevnetOptions, requirePortRange } from './options.ts';

export type PreparedNode = { readonly place: NodePlace; readonly p2p: string };

export type PreparedDevnet = {
  readonly choice: ChainChoice;
  readonly keys: DevnetKeys;
  readonly genesis: Genesis;
  readonly genesisHash: string;
  readonly nodes: readonly PreparedNode[];
};

export type PrepareContext = {
  readonly options: DevnetOptions;
  readonly layout: Layout;
  readonly environment: Environment;
  readonly report: Report;
  readonly signal: AbortSignal;
  /** Moves a node elsewhere than where the options put it. */
  readonly placed?: (place: NodePlace, index: number) => NodePlace;
};

/** Fails before anything is changed when the folder holds another chain or a port is taken. */
export async function prepareDevnet(context: PrepareContext): Promise<PreparedDevnet> {
  const { options, layout, report } = context;
  if (options.reset) resetDirectory(layout);
  const { choice, existing } = chooseChain(layout, options);
  const { seed, pace, validators, accounts } = choice;
  requirePortRange(options.portBase, validators);
  const standard = nodePlaces(layout.directory, validators, options);
  await requireFreePorts(
    options.host,
    standard.flatMap(({ rpcPort, p2pPort }) => [rpcPort, p2pPort]),
    'Stop that program, or choose other ports:  synod devnet --port-base 9645',
  );
  const places = standard.map((place, index) => context.placed?.(place, index) ?? place);
  report({
    kind: 'heading',
    version: VERSION,
    seed,
    validators,
    dataDir: layout.directory,
    continued: existing !== null,
  });

  const model = await resolveBaseModel(choice.model, context);
  const modelHash = model?.hash ?? NO_MODEL;
  requireSameModel(existing, modelHash);

  const startedAt = performance.now();
  const keys = devnetKeys(seed, validators, accounts);
  const domains = model === null ? [] : await devnetDomains(choice, await baseModelOf(model));
  requireSameKnowledge(existing, domains);
  if (model !== null) await readyExperts(domains, { model: choice.model, modelHash: model.hash }, context);
  const hasGeneral = chosenDomains(choice).includes(GENERAL);
  const plans = places.map((_, index) => (model === null ? [] : expertPlans(index, domains, hasGeneral)));
  const lines = await devnetLines(domains);
  const learnt = lines.map(({ line }) => line);
  const hosted = model === null ? null : { modelHash: model.hash, modelName: model.info.name, plans, lines: learnt };
  const genesis = devnetGenesis(choice, keys, hosted);
  const hash = genesisHash(genesis);
  requireSameGenesis(existing?.genesisHash ?? hash, hash);
  const modelDirectory = model?.directory ?? null;
  const nodes = await writeHomes({ seed, pace, places, keys, genesis, modelDirectory, domains, plans, lines, layout });
  const knowledgeRoots = Object.fromEntries(domains.map(({ name, root }) => [name, root]));
  writeChainFile(layout, { ...choice, chainId: genesis.chainId, genesisHash: hash, modelHash, knowledgeRoots });
  const detail = `chain ${genesis.chainId}   hash 0x${hash.slice(0, 4)}…${hash.slice(-4)}`;
  report({ kind: 'phase', phase: 'genesis', detail, elapsedMs: performance.now() - startedAt });
  return { choice, keys, genesis, genesisHash: hash, nodes };
}

/** Null for `none`. */
async function resolveBaseModel(model: string, context: PrepareContext) {
  if (model === NO_MODEL) return null;
  const { report, signal, environment } = context;
  const startedAt = performance.now();
  const { resolveModel } = await import('@synod/inference/models');
  const resolved = await resolveModel({
    model,
    cacheDir: modelCacheDirectory(environment),
    onProgress: (progress) => report({ kind: 'progress', phase: 'model', detail: describeProgress(progress) }),
    signal,
  });
  const millions = (resolved.info.parameters / 1e6).toFixed(1);
  const detail = `${resolved.info.name}   ${millions} M parameters   ${resolved.info.licence}`;
  report({ kind: 'phase', phase: 'model', detail, elapsedMs: performance.now() - startedAt });
  return resolved;
}

/** Vectors of the ways to ask, on the first start alone. */
async function readyExperts(
  domains: readonly DevnetDomain[],
  model: { readonly model: string; readonly modelHash: string },
  { report, signal, environment }: PrepareContext,
): Promise<void> {
  const { computePhraseVectors } = await import('../experts/vectors.ts');
  const onProgress = (done: number, total: number, domain: string) =>
    report({ kind: 'progress', phase: 'genesis', detail: `reading how people ask of ${domain}   ${done} of ${total}` });
  await computePhraseVectors(domains, { ...model, environment, signal, isQuiet: true, onProgress });
}

/** Identity of the weights, which adapters name. No adapter was trained into a model of another kind. */
export async function baseModelOf({ directory, info, hash }: ResolvedModel): Promise<string> {
  if (info.backend !== 'synod') return hash;
  const { readManifest } = await import('@synod/inference/models');
  const { baseModelHash } = await import('@synod/inference/adapters');
  return baseModelHash(await readManifest(directory));
}

function describeProgress({ message, doneBytes, totalBytes }: ModelProgress): string {
  if (totalBytes === 0) return message;
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(0);
  return `${message}   ${megabytes(doneBytes)} of ${megabytes(totalBytes)} MB`;
}

/** The same choices gave another genesis: this version builds it differently than the one that wrote the folder. */
function requireSameGenesis(stored: string, built: string): void {
  if (stored === built) return;
  throw new SynodError(
    'GENESIS_CHANGED',
    'The folder holds a chain that this version of Synod would make differently. Run the version that made it, or start clean with --reset.',
    { facts: { stored, built } },
  );
}

type ValidatorKeyPairs = {
  readonly consensusSeed: Uint8Array;
  readonly vrfSeed: Uint8Array;
  readonly rotated: KeyFile['rotated'];
};

/** Keys that a validator of this chain has rotated to stay; else the ones that follow from the seed. */
function keptKeys(home: string, derived: ValidatorKeyPairs): ValidatorKeyPairs {
  if (!existsSync(join(home, 'keys.json')) || !existsSync(join(home, 'node.json'))) return derived;
  const { consensusSeed, vrfSeed, rotated } = readNodeHome(home).keys;
  return consensusSeed === null || vrfSeed === null ? derived : { consensusSeed, vrfSeed, rotated };
}

async function writeHomes(parts: {
  readonly seed: string;
  readonly pace: PaceMode;
  readonly places: readonly NodePlace[];
  readonly keys: DevnetKeys;
  readonly genesis: Genesis;
  readonly modelDirectory: string | null;
  readonly domains: readonly DevnetDomain[];
  readonly plans: readonly (readonly ExpertPlan[])[];
  readonly lines: readonly DevnetLine[];
  readonly layout: Layout;
}): Promise<PreparedNode[]> {
  const { seed, pace, places, keys, genesis, modelDirectory, domains, plans, lines, layout } = parts;
  const knowledge = Object.fromEntries(domains.map(({ name, knowledge: folder }) => [name, folder]));
  const { peerIdOf } = await import('@synod/node');
  const document = genesisToJson(genesis);
  writeJsonAtomic(layout.genesis, document);
  const nodes = places.map((place, index) => {
    const peerId = peerIdOf(keys.validators[index]!.networkSeed);
    return { place, p2p: `/ip4/${place.p2pHost}/tcp/${place.p2pPort}/p2p/${peerId}` };
  });
  const devAccounts = keys.accounts.map(({ name, seed }) => ({ name, seed }));
  nodes.forEach(({ place }, index) => {
    const { operator, consensusSeed, vrfSeed, networkSeed } = keys.validators[index]!;
    const persistent = nodes.filter((other) => other.place !== place).map(({ p2p }) => p2p);
    writeNodeHome(
      place.home,
      {
        formatVersion: 1,
        name: place.name,
        rpc: { host: place.rpcHost, port: place.rpcPort },
        p2p: { listen: `/ip4/${place.p2pHost}/tcp/${place.p2pPort}`, bootstrap: [], persistent },
        modelDirectory,
        knowledge,
        pace,
      },
      {
        operator,
        ...keptKeys(place.home, { consensusSeed, vrfSeed, rotated: [] }),
        networkSeed,
        experts: plans[index]!.map(({ domain, setup }) => ({ seed: expertKey(seed, index, domain).seed, ...setup })),
        devAccounts,
      },
    );
    writeJsonAtomic(join(place.home, 'genesis.json'), document);
  });
  for (const { home } of places) await layLines(home, lines);
  return nodes;
}
