/** `chain_*`: heads, blocks, commits, genesis and parameters. */
import { blockId, encodeHeader, encodeLightBlock, type Height, SynodError } from '@synod/chain';
import { z } from 'zod';
import { invalidParams } from '../errors.ts';
import {
  BlockEventsJson,
  BlockJson,
  blockEventJson,
  blockJson,
  CommitViewJson,
  commitViewJson,
  HeadJson,
  headJson,
} from '../json/block.ts';
import { GenesisJson, genesisDocument, ParamsJson, paramsJson } from '../json/genesis.ts';
import {
  AddressText,
  BytesParam,
  countParam,
  Decimal,
  decimal,
  HashParam,
  HeightParam,
  HexBytes,
  HexHash,
  hexOf,
  hexOfBytes,
} from '../json/scalars.ts';
import { defaultLimits } from '../limits.ts';
import type { BlockTag, BlockView, NodeApi } from '../node-api.ts';
import { defineMethod } from './method.ts';
import { pageOf } from './paging.ts';

const none = z.strictObject({});
const Tag = z.enum(['latest', 'finalized', 'earliest']).describe('A named block.');
const WhichBlock = z.strictObject({
  height: HeightParam.or(Tag).optional(),
  hash: HashParam.optional(),
  tag: Tag.optional(),
});

export const chainGetHead = defineMethod({
  name: 'chain_getHead',
  summary: 'Height, hash and time of the newest decided block.',
  access: 'read',
  params: none,
  result: HeadJson,
  handle: ({ api }) => headJson(api.status().head),
});

export const chainGetFinalized = defineMethod({
  name: 'chain_getFinalized',
  summary: 'Height, hash and time of the newest block whose certificate is stored.',
  access: 'read',
  params: none,
  result: HeadJson,
  handle: ({ api }) => headJson(api.status().finalized),
});

export const chainGetBlock = defineMethod({
  name: 'chain_getBlock',
  summary: 'A block by height, hash or tag; the newest when none is given.',
  access: 'read',
  params: WhichBlock,
  result: BlockJson,
  fromPositional: whichBlock,
  handle: ({ api }, params) => blockJson(requireBlock(api, oneOf('chain_getBlock', params))),
});

export const chainGetBlockEvents = defineMethod({
  name: 'chain_getBlockEvents',
  summary:
    'What a block did, in order: transfers, queries opened and settled, slashings, changes of the validator set, versions and more; the newest block when none is given. `events` is null where this node has not kept them.',
  access: 'read',
  params: WhichBlock,
  result: BlockEventsJson,
  fromPositional: whichBlock,
  handle: ({ api }, params) => {
    const { hash, block } = requireBlock(api, oneOf('chain_getBlockEvents', params));
    const { height } = block.header;
    const events = api.blockEvents(height)?.map(blockEventJson) ?? null;
    return { hash: hexOf(hash), height: decimal(height), events };
  },
});

export const chainGetBlocks = defineMethod({
  name: 'chain_getBlocks',
  summary: 'Consecutive blocks from a height upwards; `nextCursor` is the next height.',
  access: 'read',
  params: z.strictObject({
    from: HeightParam,
    limit: countParam(
      { min: 1, max: defaultLimits.pageItemsMax },
      'Blocks of the page, at most 100; default 30.',
    ).optional(),
  }),
  result: pageOf(BlockJson),
  handle: ({ api }, params) => {
    const views: BlockView[] = [requireBlock(api, params.from)];
    const end = params.from + (params.limit ?? defaultLimits.pageItemsDefault);
    const head = api.status().head.height;
    for (let height = params.from + 1; height < end && height <= head; height++) {
      const view = api.block(height);
      if (view === null) break;
      views.push(view);
    }
    const next = params.from + views.length;
    return { items: views.map(blockJson), nextCursor: next <= head ? decimal(next) : null };
  },
});

export const chainGetCommit = defineMethod({
  name: 'chain_getCommit',
  summary: 'The finality proof of a height with its validator set; the newest when no height is given.',
  access: 'read',
  params: z.strictObject({ height: HeightParam.optional() }),
  result: CommitViewJson,
  handle: ({ api }, params) => {
    const view = api.commit(params.height ?? 'latest');
    if (view === null) throw missing(api, 'commit', params.height ?? null);
    return commitViewJson(view);
  },
});

export const chainGetLightBlock = defineMethod({
  name: 'chain_getLightBlock',
  summary:
    'A height as somebody without state verifies it: header, certificate and validator sets in canonical form (spec: light-client §1).',
  access: 'read',
  params: z.strictObject({ height: HeightParam.optional() }),
  result: z.strictObject({ height: Decimal, hash: HexHash, time: Decimal, lightBlock: HexBytes }),
  handle: ({ api }, params) => {
    const block = api.lightBlock(params.height ?? 'latest');
    if (block === null) throw missing(api, 'light block', params.height ?? null);
    const { height, time } = block.header;
    return {
      height: decimal(height),
      hash: hexOf(blockId(block.header)),
      time: decimal(time),
      lightBlock: hexOfBytes(encodeLightBlock(block)),
    };
  },
});

export const chainGetHeaders = defineMethod({
  name: 'chain_getHeaders',
  summary: 'Consecutive headers from a height upwards in canonical form; `nextCursor` is the next height.',
  access: 'read',
  params: z.strictObject({
    from: HeightParam,
    limit: countParam(
      { min: 1, max: defaultLimits.headersPerPageMax },
      'Headers of the page, at most 1024; default 30.',
    ).optional(),
  }),
  result: pageOf(HexBytes),
  handle: ({ api }, { from, limit }) => {
    const items: string[] = [];
    const end = from + (limit ?? defaultLimits.pageItemsDefault);
    for (let height = from; height < end; height++) {
      const header = api.header(height);
      if (header === null) break;
      items.push(hexOfBytes(encodeHeader(header)));
    }
    if (items.length === 0) throw missing(api, 'header', from);
    const next = from + items.length;
    return { items, nextCursor: next <= api.status().head.height ? decimal(next) : null };
  },
});

export const chainGetGenesis = defineMethod({
  name: 'chain_getGenesis',
  summary: 'The genesis document and its hash.',
  access: 'read',
  params: none,
  result: GenesisJson,
  handle: ({ api }) => ({ genesisHash: hexOf(api.genesisHash()), genesis: genesisDocument(api.genesis()) }),
});

export const chainGetParams = defineMethod({
  name: 'chain_getParams',
  summary: 'The parameters in force.',
  access: 'read',
  params: none,
  result: ParamsJson,
  handle: ({ api }) => paramsJson(api.params()),
});

export const chainSubmitEvidence = defineMethod({
  name: 'chain_submitEvidence',
  summary:
    'Hands in evidence of misconduct in canonical form (spec: state §7.5). It is kept for a block and passed on to every peer; refused evidence is a result with its code.',
  access: 'write',
  params: z.strictObject({ evidence: BytesParam }),
  result: z.strictObject({
    status: z.enum(['accepted', 'known', 'refused']),
    code: z.string(),
    hint: z.string().nullable(),
    /** Whom it accuses, and the height it is about; none and null where it was refused. */
    validators: z.array(AddressText),
    height: Decimal.nullable(),
  }),
  handle: ({ api }, { evidence }) => {
    const { height, validators, ...answer } = api.submitEvidence(evidence);
    return { ...answer, validators: [...validators], height: height === null ? null : decimal(height) };
  },
});

function whichBlock([value]: readonly unknown[]): Readonly<Record<string, unknown>> {
  if (typeof value === 'string' && /^[a-z]+$/.test(value)) return { tag: value };
  if (typeof value === 'string' && value.replace(/^0x/, '').length === 64) return { hash: value };
  return { height: value };
}

/** The block that the parameters name; the newest where they name none. */
function oneOf(method: string, { height, hash, tag }: z.output<typeof WhichBlock>): BlockTag {
  const given = [height, hash, tag].filter((value) => value !== undefined);
  if (given.length > 1) throw invalidParams(`${method} takes one of height, hash and tag.`, 'Leave the others out.');
  return given[0] ?? 'latest';
}

function requireBlock(api: NodeApi, tag: BlockTag): BlockView {
  const view = api.block(tag);
  if (view !== null) return view;
  throw missing(api, 'block', typeof tag === 'number' ? tag : null);
}

/** Tells a height that is gone, one that is to come and one nobody knows apart (spec: rpc §4.3). */
function missing(api: NodeApi, what: 'block' | 'commit' | 'header' | 'light block', height: Height | null): SynodError {
  const head = api.status().head.height;
  if (height === null)
    return new SynodError('UNKNOWN', `This node has no such ${what}. Check the hash, or ask for one by height.`);
  if (height > head) {
    return new SynodError('FUTURE', `There is no ${what} ${height} yet: the head is ${head}. Ask again later.`, {
      facts: { height: String(height), head: String(head) },
    });
  }
  const oldest = api.oldestHeight();
  if (height < oldest && height >= 1) {
    return new SynodError(
      'PRUNED',
      `The ${what} ${height} is no longer stored here: the oldest is ${oldest}. Ask an archive node.`,
      {
        facts: { height: String(height), oldestHeight: String(oldest) },
      },
    );
  }
  return new SynodError('UNKNOWN', `This node has no ${what} ${height}. Heights start at 1.`, {
    facts: { height: String(height) },
  });
}
