/** What a node's operator should know, as sentences for `status`: why it does not sign, why blocks have stalled, whom it lacks. Owns the words. */
import { readParams, readValidatorRecord } from '@synod/chain';
import type { Host } from '../host/index.ts';

type WarningFacts = {
  peers(): readonly unknown[];
  worker(): { readonly state: 'starting' | 'ready' | 'down' | 'off' };
  nowMs(): number;
};

/** A node whose newest block is older than this many intervals warns that blocks have stalled. */
const stalledIntervals = 10;

/** Empty when all is well. */
export function warningsOf(host: Host, facts: WarningFacts, headTimeMs: number): readonly string[] {
  const warnings: string[] = [];
  const { observerReason } = host;
  if (observerReason !== null) warnings.push(`This node does not sign: ${observerReason}.`);
  const intervalMs = readParams(host.head.state).timeouts.blockIntervalMs;
  const ageMs = facts.nowMs() - headTimeMs;
  const isByHand = host.pace.pace.mode === 'manual';
  if (!isByHand && host.head.height > 0 && ageMs > stalledIntervals * intervalMs + 5_000) {
    const connected = new Set(host.sync.operators()).size;
    const total = readValidatorRecord(host.head.state).validators.length;
    const seconds = Math.round(ageMs / 1000);
    warnings.push(
      `No block for ${seconds} s: ${connected} of ${total} validators are connected here, more than 2/3 are needed.`,
    );
  }
  if (facts.peers().length === 0 && readValidatorRecord(host.head.state).validators.length > 1) {
    warnings.push(
      '0 peers: check that the machine is online, that the bootstrap addresses are right and that no firewall blocks the p2p port.',
    );
  }
  if (facts.worker().state === 'down')
    warnings.push('The inference worker is down and being restarted; this node neither answers nor scores.');
  return warnings;
}
