/**
 * `synod expert show`: the card of one expert of a running chain, or of a shipped domain. Owns what NAME|DOMAIN means and the words.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SynodError } from '@synod/chain';
import type { ExpertCardJson } from '@synod/rpc/client';
import { shippedAdapter, shippedDomains, shippedKnowledge } from '../devnet/domains.ts';
import { standingText, stateText } from '../experts/standing.ts';
import { createNodeClient, type NodeClient } from '../rpc/node-client.ts';
import { formatSyn } from '../settings/amounts.ts';
import { displayPath } from '../settings/paths.ts';
import { rpcUrl } from '../settings/settings.ts';
import { type CommonOptions, print, printJson } from '../terminal/output.ts';
import { plainText } from '../terminal/plain-text.ts';

export type ExpertShowFlags = CommonOptions & { readonly rpc?: string };

type Source = { readonly title: string; readonly licence: string; readonly version: string };
type ShippedCard = {
  readonly domain: string;
  readonly title: string;
  readonly root: string;
  readonly size: number;
  readonly sources: readonly Source[];
};

export async function runExpertShow(name: string, flags: ExpertShowFlags): Promise<void> {
  if (shippedDomains().includes(name)) return showShipped(name, flags);
  const node = createNodeClient(rpcUrl(flags, process.env));
  const card = await node.call('expert_get', { expert: await addressOf(name, node) });
  if (flags.json) return printJson(card);
  for (const line of cardLines(card)) print(line);
}

function showShipped(domain: string, { json }: ExpertShowFlags): void {
  const folder = shippedKnowledge(domain);
  const card = JSON.parse(readFileSync(join(folder, 'card.json'), 'utf8')) as ShippedCard;
  const adapter = shippedAdapter(domain);
  if (json) return printJson({ ...card, knowledge: folder, adapter });
  print(`${domain}   ${card.title}   ${card.size} passages   shipped`);
  print(`  knowledge   ${displayPath(folder)}`);
  print(`  root        0x${card.root}`);
  print(`  adapter     ${adapter === null ? 'none' : displayPath(adapter)}`);
  for (const line of sourceLines(card.sources)) print(line);
}

/** Address of an expert of the node's chain by its name or address; throws `NOT_FOUND` naming those there are. */
export async function addressOf(name: string, node: NodeClient): Promise<string> {
  if (name.startsWith('syn1')) return name;
  const experts = await node.experts();
  const found = experts.find((expert) => expert.name === name);
  if (found !== undefined) return found.address;
  const names = [...new Set([...shippedDomains(), ...experts.map((expert) => expert.name)])].toSorted();
  throw new SynodError('NOT_FOUND', `There is no expert or shipped domain "${name}". There are: ${names.join(', ')}.`, {
    facts: { name },
  });
}

function cardLines(card: ExpertCardJson): string[] {
  const { model, knowledge, adapter, generation, reputation } = card;
  const scores = Object.entries(knowledge?.scores ?? {});
  return [
    `${card.name}   ${card.domain}   ${card.address}`,
    `  operator    ${card.operator}`,
    `  reputation  ${standingText(reputation?.mean ?? null, reputation?.answers ?? 0)}`,
    `  state       ${stateText(card)}   working on ${card.active} of ${card.capacity} side by side`,
    `  price       ${formatSyn(BigInt(card.priceInPerByte))} a byte asked, ${formatSyn(BigInt(card.priceOutPerByte))} a byte written, ${formatSyn(BigInt(card.priceQuotePerByte))} a byte quoted`,
    `  bond        ${formatSyn(BigInt(card.bond))}${card.status === 'retired' ? `, paid out in block ${card.releaseAt}` : ''}`,
    `  model       ${plainText(card.modelName)}   id ${card.modelId}`,
    ...(model === null
      ? ['              parameters unknown to this node, which runs another model']
      : [`              ${(model.parameters / 1e6).toFixed(1)} M parameters   ${model.licence}   ${model.backend}`]),
    ...(generation === null
      ? []
      : [
          `  writes      at most ${generation.maxTokens} tokens, temperature ${generation.temperature}${generation.instruction === '' ? '' : `, told "${generation.instruction}"`}`,
        ]),
    `  adapter     ${adapter === null ? (card.hosted ? 'none' : 'unknown to this node') : `${adapter.hash.slice(0, 14)}…   ${adapter.steps} steps   ${adapter.licence}`}`,
    card.knowledgeSize === 0
      ? '  knowledge   none: its answers are the model’s own words'
      : `  knowledge   ${card.knowledgeSize} passages   root ${card.knowledgeRoot}`,
    ...sourceLines(knowledge?.sources ?? []),
    ...scores.map(([name, value]) => `  measured    ${name}: ${value}`),
  ];
}

function sourceLines(sources: readonly Source[]): string[] {
  return sources.map(
    ({ title, licence, version }) => `  source      ${plainText(title)} ${plainText(version)} (${plainText(licence)})`,
  );
}
