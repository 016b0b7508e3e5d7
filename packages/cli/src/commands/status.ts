/**
 * `synod status`: is the network well, and if not, why. Owns the words; the node owns the facts.
 */
import { setTimeout as delay } from 'node:timers/promises';
import pc from 'picocolors';
import { createNodeClient } from '../rpc/node-client.ts';
import { rpcUrl } from '../settings/settings.ts';
import { type CommonOptions, print, printJson } from '../terminal/output.ts';

export type StatusFlags = CommonOptions & { readonly rpc?: string; readonly watch?: boolean };

const WATCH_INTERVAL_MS = 2_000;

export async function runStatus(flags: StatusFlags): Promise<void> {
  const node = createNodeClient(rpcUrl(flags, process.env));
  do {
    const [status, validators, experts] = await Promise.all([node.status(), node.validators(), node.experts()]);
    const checkpoint = `${status.finalized.height}@${status.finalized.hash}`;
    if (flags.json) printJson({ ...status, checkpoint, validators: validators.length, networkExperts: experts.length });
    else {
      const ageMs = Date.now() - Number(status.head.time);
      const light = status.warnings.length > 0 ? pc.yellow('●') : pc.green('●');
      print(
        `${light} ${status.chainId}   block ${status.head.height}   ${(ageMs / 1000).toFixed(1)}s ago   ${status.peers + 1} of ${validators.length} validators connected   ${experts.length} experts`,
      );
      print(
        `  node      ${status.name} ${status.version}   ${status.role}${status.roleReason === null ? '' : `: ${status.roleReason}`}${status.syncing ? '   catching up' : ''}`,
      );
      print(
        `  worker    ${status.worker.state}   ${status.worker.model ?? 'no model yet'}   ${status.worker.queued} jobs`,
      );
      print(`  waiting   ${status.mempoolTransactions} transactions, ${status.openQueries} open queries`);
      print(`  checkpoint ${checkpoint}`);
      for (const warning of status.warnings) print(pc.yellow(`  ! ${warning}`));
    }
    if (flags.watch === true) await delay(WATCH_INTERVAL_MS);
  } while (flags.watch === true);
}
