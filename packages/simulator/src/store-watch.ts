/** A node's store with an eye on the order of its writes (spec: consensus §1.9). Owns nothing else. */
import { decodeWalRecord, type Store } from '@synod/node/host';
import type { Checker } from './checker.ts';
import type { SimNode } from './sim-node.ts';

export function watchedStore(checker: Checker, node: SimNode, store: Store): Store {
  const { disk, peerId } = node;
  return {
    ...store,
    saveBlock: (block) => {
      if (node.isHonest && disk.hasBlock(block.height))
        checker.fail('order', `${peerId} stores block ${block.height} again`);
      store.saveBlock(block);
    },
    saveState: (change) => {
      const last = disk.lastSyncedRecord;
      const record = last === null ? null : decodeWalRecord(last);
      const isEnded = record?.kind === 'endHeight' && record.height === change.height;
      if (!disk.hasBlock(change.height) || (!isEnded && disk.log.damage === null)) {
        checker.fail('order', `${peerId} stores state ${change.height} before block and end of height`);
      }
      store.saveState(change);
    },
  };
}
