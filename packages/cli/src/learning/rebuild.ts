/**
 * A version made anew from what its chain records (spec: learning §6, §9): the factors that genesis began with, and the deltas of every
 * version on the way, aggregated in integers; the learnt passages out of feedback. Owns the order of that; no model runs, and no node is
 * believed but for what the chain recorded.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  correctionPassage,
  decodeFeedbackBlob,
  type Hash,
  merkleRoot,
  passageLeaf,
  SynodError,
  sha256,
  toHex,
} from '@synod/chain';
import { readAdapter } from '@synod/inference/adapters';
import { type LearntPassage, writeLearnt } from '@synod/inference/knowledge';
import {
  AGGREGATION_RULES,
  candidateOf,
  encodeFixedFactors,
  fixedFromAdapter,
  openRound,
  readDeltas,
  writeCandidate,
} from '@synod/inference/learning';
import { makeDirectory } from '@synod/node/make-directory';
import type { VersionInfo } from '../commands/model-lineage.ts';
import { writeFileWhole } from '../files/write-file.ts';
import type { NodeClient } from '../rpc/node-client.ts';
import { createBlobSource } from './blob-source.ts';

export type RebuildOptions = {
  readonly nodes: readonly [NodeClient, ...NodeClient[]];
  readonly domain: string;
  readonly versions: readonly VersionInfo[];
  readonly wanted: number;
  readonly folder: string;
  readonly modelDirectory: string;
  /** Adapter that genesis began with; null for none. */
  readonly baseAdapter: string | null;
  readonly onStep: (text: string) => void;
};

/** Files and hashes; null where the chain has none of it. Hashes are 64 hex digits. */
export type Rebuilt = {
  readonly path: readonly number[];
  readonly deltas: number;
  readonly fetched: number;
  readonly factors: { readonly file: string; readonly hash: string } | null;
  readonly adapter: { readonly file: string; readonly hash: string } | null;
  readonly learnt: { readonly file: string; readonly root: string; readonly passages: number } | null;
};

const NONE = /^0x0{64}$/;

/**
 * Makes the version and compares every hash on the way with the chain's. Throws `REBUILD_DIFFERS`, `REBUILD_BASE_MISSING`, `VERSION_UNKNOWN` or
 * `BLOB_UNKNOWN`.
 */
export async function rebuildVersion(options: RebuildOptions): Promise<Rebuilt> {
  const { versions, wanted, domain, folder, nodes } = options;
  const path = pathTo(versions, wanted, domain);
  const blobs = createBlobSource(nodes, join(folder, 'blobs'));
  makeDirectory(folder);
  let factors = await baseFactors(path[0], options);
  let adapter: Rebuilt['adapter'] = null;
  let deltas = 0;
  for (const [index, version] of path.entries()) {
    const parent = path[index - 1];
    const { rule } = version;
    if (rule === null || version.factors === (parent?.factors ?? zeros())) continue;
    const made = await makeVersion(version, { base: factors?.file ?? null, rule, options, blobs });
    deltas += made.deltas;
    factors = made.factors;
    adapter = made.adapter;
  }
  const last = path.at(-1)!;
  const learnt = await makeLearnt(path, { options, blobs });
  if (learnt !== null && `0x${learnt.root}` !== last.learntRoot) throw differs(last, 'learntRoot', learnt.root);
  return { path: path.map(({ version }) => version), deltas, fetched: blobs.fetched(), factors, adapter, learnt };
}

/** The versions from the first recorded one to the wanted, each the parent of the next. */
function pathTo(versions: readonly VersionInfo[], wanted: number, domain: string): readonly VersionInfo[] {
  const path: VersionInfo[] = [];
  for (let number = wanted; ; ) {
    const version = versions.find((each) => each.version === number);
    if (version === undefined && number === 0 && path.length > 0) return path;
    if (version === undefined) {
      const last = versions.at(-1)?.version ?? 0;
      const message = `${domain} has no version ${number} that anything was recorded of: the last is ${last}. See:  synod model lineage ${domain}`;
      throw new SynodError('VERSION_UNKNOWN', message, { facts: { domain, version: number, last } });
    }
    path.unshift(version);
    if (version.version === 0) return path;
    number = version.parent;
  }
}

/** Null where genesis brought none: then all begins with zeros. */
async function baseFactors(first: VersionInfo | undefined, options: RebuildOptions): Promise<Rebuilt['factors']> {
  if (first === undefined || first.version !== 0 || NONE.test(first.factors)) return null;
  const { baseAdapter, folder, domain, modelDirectory, onStep } = options;
  const file = join(folder, 'v0.factors');
  const { about } = await openRound({ modelDirectory, round: bare(zeros()), base: { factors: null, learnt: null } });
  const fixed = baseAdapter === null ? null : fixedFromAdapter(await readAdapter(baseAdapter, about));
  const bytes = fixed === null || 'problem' in fixed ? null : encodeFixedFactors(fixed);
  const hash = bytes === null ? null : toHex(sha256(bytes));
  if (bytes === null || hash === null || `0x${hash}` !== first.factors) {
    const why = baseAdapter === null ? 'no adapter of it is shipped' : `${baseAdapter} is another one`;
    throw new SynodError(
      'REBUILD_BASE_MISSING',
      `The chain began with an adapter of ${domain} whose factors are ${first.factors}, and ${why}. Name its file with --base.`,
      { facts: { domain, factors: first.factors } },
    );
  }
  writeFileWhole(file, bytes);
  onStep('v0   the factors that genesis began with');
  return { file, hash };
}

type Making = {
  /** Fixed-point file of the parent; null: zeros. */
  readonly base: string | null;
  /** That the chain recorded: what was voted since changes nothing. */
  readonly rule: NonNullable<VersionInfo['rule']>;
  readonly options: RebuildOptions;
  readonly blobs: ReturnType<typeof createBlobSource>;
};

async function makeVersion(version: VersionInfo, { base, rule, options, blobs }: Making) {
  const { folder, modelDirectory, domain, onStep } = options;
  const files: { path: string | null; order: number | null }[] = [];
  for (const [order, { delta, verdict }] of version.contributions.entries()) {
    // Found in integers by every validator alike (learning §6.1): left out here as there.
    const isLeftOut = delta === null || verdict === 'missing' || verdict === 'invalid' || verdict === 'copy';
    files.push(isLeftOut ? { path: null, order: null } : { path: await blobs.file(bare(delta.content)), order });
  }
  const round = bare(version.round ?? zeros());
  const opened = await openRound({ modelDirectory, round, base: { factors: base, learnt: null } });
  const standings = await readDeltas(files, opened.about);
  const deltas = standings.filter(({ verdict }) => verdict === 'ok').length;
  const outFactors = join(folder, `v${version.version}.factors`);
  const outAdapter = join(folder, `v${version.version}.adapter`);
  const candidate = candidateOf(opened.base, standings, rule);
  const made = await writeCandidate(candidate, { domain, outFactors, outAdapter });
  for (const what of ['factors', 'adapter'] as const)
    if (`0x${made[what]}` !== version[what]) throw differs(version, what, made[what]);
  const by = AGGREGATION_RULES[rule.aggregator];
  onStep(`v${version.version}   ${deltas} deltas by ${by}   0x${made.factors.slice(0, 12)}…`);
  const factors = { file: outFactors, hash: made.factors };
  return { deltas, factors, adapter: { file: outAdapter, hash: made.adapter } };
}

/** Learnt passages of all versions on the way, in the order of their leaves; null where nothing was learnt. */
async function makeLearnt(
  path: readonly VersionInfo[],
  { options, blobs }: Pick<Making, 'options' | 'blobs'>,
): Promise<Rebuilt['learnt']> {
  const { nodes, domain, folder } = options;
  const passages: LearntPassage[] = [];
  for (const number of path.flatMap(({ learnt }) => learnt)) {
    const { content } = await nodes[0].call('feedback_get', { domain, number });
    const blob = decodeFeedbackBlob(await readFile(await blobs.file(bare(content))));
    const passage = blob === null ? null : correctionPassage(blob);
    if (blob === null || passage === null) {
      throw new SynodError(
        'REBUILD_DIFFERS',
        `Feedback ${number} of ${domain} is no correction, and yet is said to be learnt.`,
        {
          facts: { domain, number },
        },
      );
    }
    passages.push({ ...passage, prompt: blob.prompt, number });
  }
  if (passages.length === 0) return null;
  const file = join(folder, 'learnt.json');
  await writeLearnt(file, passages);
  return { file, root: merkleRoot(passages.map(passageLeaf)), passages: passages.length };
}

function differs(
  { domain, version, ...hashes }: VersionInfo,
  what: 'factors' | 'adapter' | 'learntRoot',
  found: string,
): SynodError {
  return new SynodError(
    'REBUILD_DIFFERS',
    `Version ${version} of ${domain} is not what its records add up to: ${what} should be ${hashes[what]}, and is 0x${found}. Ask another node with --rpc; if it says the same, tell the chain's developers.`,
    { facts: { domain, version, what, expected: hashes[what], found: `0x${found}` } },
  );
}

function bare(hex: string): Hash {
  return hex.slice(2) as Hash;
}

function zeros(): string {
  return `0x${'00'.repeat(32)}`;
}
