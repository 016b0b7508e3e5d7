/** What an expert of these tests knows, and its bundle. Owns the content only. */
import {
  type Address,
  addressOf,
  encodeKnowledgeBundle,
  type Hash,
  type KnowledgeBundle,
  type KnowledgePassage,
  knowledgeId,
  PassageTree,
  publicKeyOf,
  sign,
} from '@synod/chain';
import { expertSeed } from './lab.ts';

export const passages: readonly KnowledgePassage[] = ['nine', 'ten', 'eleven'].map((depth, index) => ({
  text: `The depth of pier ${index} is ${depth} metres.`,
  source: 'harbour.md (CC0-1.0)',
  subject: `pier ${index}`,
  relation: 'depth',
  value: `${depth} metres`,
}));

export const { root } = new PassageTree(passages);
export const addressAt = (node: number): Address => addressOf(publicKeyOf(expertSeed(node)));
export const idAt = (node: number): Hash => knowledgeId(addressAt(node), root);

/** A folder of these passages. */
export function harbour(known: readonly KnowledgePassage[], rest: Partial<KnowledgeBundle> = {}): KnowledgeBundle {
  const sources = [{ id: 'harbour', title: 'harbour.md', licence: 'CC0-1.0', version: '1' }];
  const head = { formatVersion: 1, domain: 'harbour', title: 'The harbour' } as const;
  const card = { ...head, root: new PassageTree(known).root, size: known.length, sources };
  return { card, aliases: [], relations: [], passages: known, ...rest };
}

/** What the expert of a node signs. */
export function bundleAt(node: number, bundle: KnowledgeBundle = harbour(passages)): Uint8Array {
  const seed = expertSeed(node);
  const signer = { publicKey: publicKeyOf(seed), sign: (message: Uint8Array) => sign(seed, message) };
  const encoded = encodeKnowledgeBundle(bundle, signer);
  if (!encoded.ok) throw new Error(encoded.problem);
  return encoded.value;
}
