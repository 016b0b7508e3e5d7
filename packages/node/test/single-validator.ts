/** The configuration of a whole node that is the only validator of its chain, and so decides alone. Owns no folder and no process. */
import { rmSync } from 'node:fs';
import type { Genesis } from '@synod/chain';
import type { NodeConfig } from '../src/index.ts';
import { consensusSeed, Lab, operatorOf, vrfSeed } from './host/lab.ts';

export type SingleValidatorOptions = {
  readonly home: string;
  readonly log: NodeConfig['log'];
  readonly blockIntervalMs: number;
  /** Put in place of the genesis' own. */
  readonly genesis?: Partial<Genesis>;
};

/** A chain that began a second ago, its validator's keys, no model, and a p2p port of the system's choice. */
export function singleValidator({ home, log, blockIntervalMs, genesis = {} }: SingleValidatorOptions): NodeConfig {
  const lab = new Lab({ validators: 1, blockIntervalMs });
  rmSync(lab.folder, { recursive: true, force: true });
  return {
    name: 'one',
    home,
    genesis: { ...lab.genesis, time: Date.now() - 1_000, ...genesis },
    keys: {
      operator: operatorOf(0),
      consensusSeed: consensusSeed(0),
      vrfSeed: vrfSeed(0),
      networkSeed: new Uint8Array(32).fill(9),
      experts: [],
    },
    p2p: { listen: '/ip4/127.0.0.1/tcp/0', bootstrap: [] },
    modelDirectory: null,
    devAccounts: [],
    log,
  };
}
