/** `synod model rollback`: an operator's vote to take a version back (spec: learning §9.4). Owns the words. */
import pc from 'picocolors';
import { devnetRecordOf } from '../rpc/dev-accounts.ts';
import { createNodeClient } from '../rpc/node-client.ts';
import { SUBMIT_TIMEOUT_MS, signAndSubmit } from '../rpc/signed-transaction.ts';
import { nameOf, signerKey } from '../rpc/signer-key.ts';
import { parseCount, rpcUrl } from '../settings/settings.ts';
import { SYNOD } from '../terminal/command-name.ts';
import { type CommonOptions, type Told, tell } from '../terminal/output.ts';

export type RollbackFlags = CommonOptions & {
  readonly rpc?: string;
  readonly dataDir?: string;
  readonly from?: string;
  readonly keyFile?: string;
  readonly passwordFile?: string;
};

const VERSION_MAX = 2 ** 31;

export async function runModelRollback(domain: string, version: string, flags: RollbackFlags): Promise<void> {
  tell(flags, await rollBack(domain, version, flags));
}

export async function rollBack(domain: string, text: string, flags: RollbackFlags): Promise<Told> {
  const version = parseCount(text.replace(/^v/, ''), 'VERSION', { min: 1, max: VERSION_MAX });
  const record = devnetRecordOf(flags.dataDir);
  const key = signerKey(flags, record);
  const node = createNodeClient(rpcUrl(flags, process.env), SUBMIT_TIMEOUT_MS);
  const payload = { type: 'model.rollback', domain, version } as const;
  const sent = await signAndSubmit(node, { key, payload, what: 'vote' });
  const { line } = await node.call('model_lineage', { domain, limit: 1 });
  const isGone = line.stable !== version && line.canary?.version !== version;
  const voter = nameOf(key.address, record) ?? key.address;
  const lines = [
    `${pc.green('✔')} ${voter} votes to take v${version} of ${domain} back   block ${sent.height}`,
    isGone
      ? `  It is taken back: queries get v${line.stable} from the next block on.`
      : `  Operators who voted so: ${line.rollbackVotes.length}; more than half of the stake does it.`,
    `  See:  ${SYNOD} model lineage ${domain}`,
  ];
  return { json: { ...sent, domain, version, voter: key.address, line }, lines };
}
