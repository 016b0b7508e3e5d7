/** `synod model rebuild`: a version made anew from the chain's records, its hash beside the chain's. Owns flags and words. */
import { join, resolve } from 'node:path';
import pc from 'picocolors';
import { shippedAdapter } from '../devnet/domains.ts';
import { trainableModel } from '../experts/trainable-model.ts';
import { rebuildVersion } from '../learning/rebuild.ts';
import { stopSignal } from '../processes/stop-signals.ts';
import { createNodeClient, type NodeClient } from '../rpc/node-client.ts';
import { displayPath, rebuiltDirectory } from '../settings/paths.ts';
import { parseCount, rpcUrls } from '../settings/settings.ts';
import { SYNOD } from '../terminal/command-name.ts';
import { type CommonOptions, note, print, printJson } from '../terminal/output.ts';
import { fetchLineage } from './model-lineage.ts';

export type RebuildFlags = CommonOptions & {
  readonly version: string;
  readonly rpc?: readonly string[];
  readonly out?: string;
  readonly base?: string;
  readonly model: string;
};

const VERSION_MAX = 2 ** 31;

export async function runModelRebuild(name: string, flags: RebuildFlags): Promise<void> {
  const wanted = parseCount(flags.version.replace(/^v/, ''), '--version', { min: 0, max: VERSION_MAX });
  const nodes = rpcUrls(flags, process.env).map((url) => createNodeClient(url)) as [NodeClient, ...NodeClient[]];
  const { line, items } = await fetchLineage(nodes[0], name);
  const { domain } = line;
  const { chainId } = await nodes[0].status();
  const folder = flags.out === undefined ? join(rebuiltDirectory(process.env, chainId), domain) : resolve(flags.out);
  const onStep = (text: string) => (flags.json ? undefined : note(`  ${text}`));
  const directory = await trainableModel(flags.model, stopSignal());
  const rebuilt = await rebuildVersion({
    nodes,
    domain,
    versions: items,
    wanted,
    folder,
    modelDirectory: directory,
    baseAdapter: flags.base === undefined ? shippedAdapter(domain) : resolve(flags.base),
    onStep,
  });
  if (flags.json) return printJson({ domain, version: wanted, isChains: true, folder, ...rebuilt });
  const { factors, adapter, learnt, path, deltas, fetched } = rebuilt;
  const way = path.map((number) => `v${number}`).join(' → ');
  print(
    `${pc.green('✔')} v${wanted} of ${domain} is what the chain says: made from ${deltas} deltas (${fetched} blobs fetched)`,
  );
  print(`  way       ${way}`);
  print(
    factors === null ? '  factors   none: no trained weights passed the gate so far' : `  factors   0x${factors.hash}`,
  );
  if (adapter !== null) print(`  adapter   0x${adapter.hash}   ${displayPath(adapter.file)}`);
  if (learnt !== null)
    print(`  learnt    ${learnt.passages} passages, root 0x${learnt.root}   ${displayPath(learnt.file)}`);
  if (adapter !== null) print(`Ask with it:  ${SYNOD} expert ask ${domain} --adapter ${displayPath(adapter.file)} "…"`);
}
