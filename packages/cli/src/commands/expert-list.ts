/**
 * `synod expert list`: the domains shipped with this version, and the experts of a running chain with their prices and standing.
 * Owns the two tables; without a node the first stands alone.
 */
import { SynodError } from '@synod/chain';
import { shippedAdapter, shippedCard, shippedDomains, shippedKnowledge } from '../devnet/domains.ts';
import { standingText, stateText } from '../experts/standing.ts';
import { createNodeClient, type NodeClient } from '../rpc/node-client.ts';
import { formatSyn } from '../settings/amounts.ts';
import { rpcUrl } from '../settings/settings.ts';
import { type CommonOptions, note, print, printJson, shortened, table } from '../terminal/output.ts';
import { plainText } from '../terminal/plain-text.ts';

export type ExpertListFlags = CommonOptions & { readonly rpc?: string };

/** Bytes of a typical prompt and answer: what a price is quoted for. */
const TYPICAL = { promptBytes: 40n, answerBytes: 160n } as const;

export async function runExpertList(flags: ExpertListFlags): Promise<void> {
  const shipped = shippedRows();
  const node = createNodeClient(rpcUrl(flags, process.env));
  const experts = await chainExperts(node);
  if (flags.json) return printJson({ shipped, experts });
  print('shipped     (domain, passages, adapter, knowledge root)');
  const rows = shipped.map(({ domain, passages, adapter, root }) => [
    domain,
    `${passages} passages`,
    adapter ? 'adapter' : 'no adapter',
    shortened(root, 14),
  ]);
  for (const line of rows.length === 0 ? ['  none'] : table(rows)) print(line);
  if (experts === null) return note(`No node answers at ${node.url}: experts of a chain are not shown.`);
  print('on chain    (name, domain, model, price of a typical answer, working on, reputation, state)');
  const listed = experts.map((each) => [
    each.name,
    each.domain,
    plainText(each.model),
    formatSyn(BigInt(each.price)),
    `${each.active}/${each.capacity}`,
    standingText(each.reputation, each.answers),
    stateText(each),
  ]);
  for (const line of table(listed)) print(line);
}

function shippedRows() {
  return shippedDomains().map((domain) => {
    const { root, size } = shippedCard(domain);
    const adapter = shippedAdapter(domain) !== null;
    return { domain, passages: size, adapter, root: `0x${root}`, knowledge: shippedKnowledge(domain) };
  });
}

/** Null where no node is reachable. */
async function chainExperts(node: NodeClient) {
  try {
    const experts = await node.experts();
    const rows = await Promise.all(
      experts.map(async (expert) => {
        const { address, name, domain, modelName, priceInPerByte, priceOutPerByte } = expert;
        const { priceQuotePerByte, capacity, active, status, breaker } = expert;
        const { items } = await node.call('reputation_get', { subject: address, domain });
        const price = BigInt(priceInPerByte) * TYPICAL.promptBytes + BigInt(priceOutPerByte) * TYPICAL.answerBytes;
        const [standing] = items;
        return {
          address,
          name,
          domain,
          model: modelName,
          price: price.toString(),
          quotePrice: priceQuotePerByte,
          ...{ capacity, active, status, breaker },
          reputation: standing?.mean ?? null,
          answers: standing?.answers ?? 0,
        };
      }),
    );
    return rows.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if (error instanceof SynodError && error.code === 'NODE_UNREACHABLE') return null;
    throw error;
  }
}
