/**
 * Applies decided blocks that peers sent, several at once and in order, in memory. Owns their full validation: certificate,
 * checkpoint, block validity, execution. Storing them is the block committer's.
 */
import { type Block, decodeBlock, type ExtendedCommit, type PublicKey, toHex } from '@synod/chain';
import { applyDecision, type Committed, decidedInvalid } from './block-committer.ts';
import type { WaitingBlock } from './block-downloads.ts';
import { type ChainHead, type ChainIdentity, paramsOf } from './chain-head.ts';
import type { CheckpointTrust } from './checkpoint-trust.ts';
import { Judge } from './judge.ts';
import { limits } from './limits.ts';
import { type Crypto, chainCrypto, type HostPorts } from './ports.ts';

export type CatchUpRun = {
  /** What may be stored now, lowest first. */
  readonly committed: readonly Committed[];
  /** The first block without a valid certificate: its sender is at fault. Null when all were good. */
  readonly bad: WaitingBlock | null;
};

type Rules = Pick<HostPorts, 'crypto' | 'execution' | 'haltHeight'>;

export class CatchUp {
  readonly #judge: Judge;
  readonly #ports: Rules;
  readonly #trust: CheckpointTrust;

  constructor(identity: ChainIdentity, ports: Rules, trust: CheckpointTrust) {
    const { crypto = chainCrypto } = ports;
    this.#ports = ports;
    this.#trust = trust;
    this.#judge = new Judge(identity, new Set(), {
      ...ports,
      crypto: { ...crypto, verifySignature: rememberGood(crypto) },
    });
  }

  /** Up to the height at which this node halts. Throws when more than 2/3 certify what cannot be applied, and when the chain misses the checkpoint. */
  apply(run: readonly WaitingBlock[], start: ChainHead): CatchUpRun {
    const committed: Committed[] = [];
    let head = start;
    let transactions = 0;
    const heightMax = this.#ports.haltHeight?.() ?? Number.POSITIVE_INFINITY;
    for (const waiting of run) {
      if (head.height >= heightMax) break;
      const block = this.#certified(waiting, head);
      if (block === null) return { committed, bad: waiting };
      transactions += block.transactions.length;
      if (committed.length > 0 && transactions > limits.syncRunTransactions) break;
      const one = this.#applyOne(block, waiting, head);
      committed.push(one);
      head = one.head;
    }
    return { committed, bad: null };
  }

  #certified({ block, decoded }: WaitingBlock, head: ChainHead): Block | null {
    const found = decodeBlock(block);
    return found.ok && this.#judge.certifies(decoded, found.value, head) ? found.value : null;
  }

  #applyOne(block: Block, waiting: WaitingBlock, head: ChainHead): Committed {
    const commit: ExtendedCommit = waiting.decoded;
    const reached = { height: commit.height, hash: commit.blockId, timeMs: block.header.time };
    this.#trust.require(reached, paramsOf(head));
    const judged = this.#judge.judge(block, head);
    if (!judged.ok) throw decidedInvalid(commit.height, judged.code);
    const decision = { block, bytes: waiting.block, commit, execute: () => judged.execution };
    return { ...applyDecision(decision, head, this.#ports), decision };
  }
}

/** A certificate's signatures come again in the next block's last commit: what was good once need not be checked twice. */
function rememberGood({ verifySignature }: Crypto): Crypto['verifySignature'] {
  const good = new Map<string, Uint8Array>();
  return (publicKey: PublicKey, message: Uint8Array, signature: Uint8Array) => {
    const key = `${publicKey}${toHex(signature)}`;
    const known = good.get(key);
    if (known !== undefined && isEqual(known, message)) return true;
    if (!verifySignature(publicKey, message, signature)) return false;
    if (good.size >= limits.rememberedSignatures) good.clear();
    good.set(key, message);
    return true;
  };
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
