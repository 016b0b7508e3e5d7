/**
 * Bans that outlive the process: a restart does not forgive. Owns what the file holds; who is banned is peer-conduct.ts.
 */
import { type CheckedFileLog, CheckedFileWriter, readCheckedFile } from './checked-file.ts';
import type { NetworkLimits } from './network-limits.ts';
import { type Ban, PeerConduct } from './peer-conduct.ts';

export type BanList = {
  readonly conduct: PeerConduct;
  /** A ban was added: it is written at once, in the background. */
  onBan(): void;
  close(): Promise<void>;
};

/** Opens the bans in `path`, or a list that is kept in memory alone when it is null. */
export function openBanList(path: string | null, limits: NetworkLimits, log: CheckedFileLog): BanList {
  if (path === null) return { conduct: new PeerConduct(limits), onBan: () => undefined, close: async () => undefined };
  const bytesMax = limits.storedFileBytesMax;
  const bans = readCheckedFile({ path, bytesMax, log }, parseBans) ?? [];
  const conduct = new PeerConduct(limits, { bans, nowMs: Date.now() });
  const content = () => conduct.bans(Date.now()).slice(0, limits.storedBansMax);
  const writer = new CheckedFileWriter({ path, bytesMax, delayMs: 0, content, log });
  return { conduct, onBan: () => writer.touch(), close: () => writer.close() };
}

function parseBans(content: unknown): Ban[] | null {
  if (!Array.isArray(content)) return null;
  const bans = content.map(parseBan);
  return bans.every((ban) => ban !== null) ? bans : null;
}

function parseBan(value: unknown): Ban | null {
  if (typeof value !== 'object' || value === null) return null;
  const { subject, untilMs, bans, reason } = value as Record<string, unknown>;
  if (typeof subject !== 'string' || typeof reason !== 'string') return null;
  if (!Number.isSafeInteger(untilMs) || !Number.isSafeInteger(bans)) return null;
  return { subject, untilMs: untilMs as number, bans: bans as number, reason };
}
