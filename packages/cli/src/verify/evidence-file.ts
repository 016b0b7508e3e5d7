/**
 * The file of an attack on light clients: written by `synod verify`, read by `synod evidence submit`. Owns its format; what
 * it must prove to accuse somebody is the chain's.
 */
import { readFileSync } from 'node:fs';
import { encodeEvidence, encodeLightBlock, SynodError, toHex } from '@synod/chain';
import { attackEvidence, detectAttack, type LightClientAttack, type LightClientConfig } from '@synod/consensus';
import { writeJsonAtomic } from '../files/write-file.ts';

const FORMAT = 'synod/light-client-attack/1';
const CHARACTERS_MAX = 16 * 1024 * 1024;
/** One for either side's view. */
const ITEMS_MAX = 2;

/** Writes what was seen; throws the system's error. */
export function writeEvidenceFile(
  file: string,
  attack: LightClientAttack,
  { url, config }: { readonly url: string; readonly config: LightClientConfig },
): void {
  const { kind, height, common, trusted, conflicting, signedBoth, culprits, duplicateVotes } = attack;
  writeJsonAtomic(file, {
    format: FORMAT,
    chainId: trusted.header.chainId,
    kind,
    height,
    shownBy: url,
    culprits,
    signedBoth,
    common: toHex(encodeLightBlock(common)),
    trusted: toHex(encodeLightBlock(trusted)),
    conflicting: toHex(encodeLightBlock(conflicting)),
    duplicateVotes: duplicateVotes.map((evidence) => toHex(encodeEvidence(evidence))),
    evidence: submittable(attack, config),
  });
}

/**
 * What `chain_submitEvidence` takes. Whoever verified with a liar's block took that for the chain's own, so the same is told
 * with the sides exchanged too.
 */
function submittable(attack: LightClientAttack, config: LightClientConfig): string[] {
  const { common, trusted, conflicting } = attack;
  const exchanged = detectAttack({ common, trusted: conflicting, conflicting: trusted, config });
  return [attack, ...(exchanged.ok ? [exchanged.attack] : [])]
    .flatMap((side) => attackEvidence(side) ?? [])
    .map((evidence) => `0x${toHex(encodeEvidence(evidence))}`);
}

export type EvidenceFile = { readonly chainId: string; readonly evidence: readonly string[] };

/** Throws `NOT_FOUND`, `EVIDENCE_FILE_INVALID`, or `EVIDENCE_NOT_ATTRIBUTABLE` where the file accuses nobody. */
export function readEvidenceFile(file: string): EvidenceFile {
  const text = readText(file);
  const { format, chainId, evidence } = parsed(file, text);
  if (format !== FORMAT) throw invalid(file, `its format is not ${FORMAT}`);
  const items: unknown = evidence;
  const isHexList = Array.isArray(items) && items.every((item) => /^0x([0-9a-f]{2})+$/.test(String(item)));
  if (typeof chainId !== 'string' || !isHexList || items.length > ITEMS_MAX) {
    throw invalid(file, 'chainId or evidence is missing or malformed');
  }
  if (items.length === 0) {
    throw new SynodError(
      'EVIDENCE_NOT_ATTRIBUTABLE',
      `${file} proves an attack, but nobody guilty: the two blocks are of different rounds. Show it to the operators of the network.`,
      { facts: { file } },
    );
  }
  return { chainId, evidence: items as string[] };
}

function readText(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
    throw new SynodError('NOT_FOUND', `There is no file ${file}. "synod verify" writes one when it finds an attack.`, {
      facts: { file },
      cause,
    });
  }
}

function parsed(file: string, text: string): Readonly<Record<string, unknown>> {
  if (text.length > CHARACTERS_MAX) throw invalid(file, `it has more than ${CHARACTERS_MAX} characters`);
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch (cause) {
    throw invalid(file, 'it is not JSON', cause);
  }
  throw invalid(file, 'it is no object');
}

function invalid(file: string, why: string, cause?: unknown): SynodError {
  return new SynodError(
    'EVIDENCE_FILE_INVALID',
    `${file} is no evidence: ${why}. Take the file that "synod verify" wrote, unchanged.`,
    { facts: { file }, ...(cause === undefined ? {} : { cause }) },
  );
}
