/** `synod expert reputation`: what an expert's standing is made of. Owns the words; every number is the node's. */
import { createNodeClient } from '../rpc/node-client.ts';
import { rpcUrl } from '../settings/settings.ts';
import { type CommonOptions, table, tell } from '../terminal/output.ts';
import { addressOf } from './expert-show.ts';

export type ExpertReputationFlags = CommonOptions & { readonly rpc?: string; readonly domain?: string };

export async function runExpertReputation(name: string, flags: ExpertReputationFlags): Promise<void> {
  const node = createNodeClient(rpcUrl(flags, process.env));
  const expert = await addressOf(name, node);
  const { domain } = flags;
  const told = await node.call('reputation_explain', { expert, ...(domain === undefined ? {} : { domain }) });
  const rows = [
    ['expert', told.expert],
    ['domain', told.domain],
    ['mean', told.mean],
    ['deviation', told.deviation],
    ['answers', `${told.answers}, the last judged at height ${told.updatedAt}`],
    ['idle', `${told.idleSpells} spells; ${told.remains} of the distance to the prior remains`],
  ];
  tell(flags, { json: told, lines: [...table(rows, ''), ...told.formula.split('\n').map((line) => `  ${line}`)] });
}
