/** Knowledge bundles for tests. Owns one small folder's content and its signing. */
import {
  type BundleCard,
  encodeKnowledgeBundle,
  type KnowledgeBundle,
  type KnowledgePassage,
  knowledgeSignBytes,
  PassageTree,
  publicKeyOf,
  sign,
} from '../../src/index.ts';

const SOURCE = 'harbour.md (CC0-1.0)';

export const harbourPassages: readonly KnowledgePassage[] = [
  {
    text: 'The depth of the North Pier is nine metres.',
    source: SOURCE,
    subject: 'North Pier',
    relation: 'depth',
    value: 'nine metres',
  },
  {
    text: 'The keeper of the Old Dock is Marta Lind.',
    source: SOURCE,
    subject: 'Old Dock',
    relation: 'document',
    value: null,
  },
];

/** The folder of these passages. */
export function bundleOf(
  passages: readonly KnowledgePassage[] = harbourPassages,
  rest: Partial<KnowledgeBundle> = {},
): KnowledgeBundle {
  const card: BundleCard = {
    formatVersion: 1,
    domain: 'harbour',
    title: 'The harbour',
    root: new PassageTree(passages).root,
    size: passages.length,
    sources: [{ id: 'harbour', title: 'harbour.md', licence: 'CC0-1.0', version: '1' }],
  };
  return { card, aliases: [], relations: [], passages, ...rest };
}

/** Bytes of a bundle that an expert with this key offers. */
export function signedBundle(seed: Uint8Array, bundle: KnowledgeBundle = bundleOf()): Uint8Array {
  const encoded = encodeKnowledgeBundle(bundle, signerOf(seed));
  if (!encoded.ok) throw new Error(encoded.problem);
  return encoded.value;
}

/** Any text under any root, signed by this key: what an expert that lies may send. */
export function signedText(seed: Uint8Array, root: string, text: Uint8Array): Uint8Array {
  const { publicKey } = signerOf(seed);
  const head = Buffer.concat([Buffer.from(publicKey, 'hex'), Buffer.from(root, 'hex')]);
  return Buffer.concat([head, sign(seed, knowledgeSignBytes(root as never, text)), text]);
}

export function signerOf(seed: Uint8Array) {
  return { publicKey: publicKeyOf(seed), sign: (message: Uint8Array) => sign(seed, message) };
}
