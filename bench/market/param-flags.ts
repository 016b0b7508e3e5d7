/** Selection's parameters as flags, for sweeps: `--sharpness 16 --exploration 2000000 --forgetting 980000`. Owns their names. */
import { parseArgs } from 'node:util';
import type { ChainParamsOverrides } from '@synod/chain';

export const PARAM_FLAGS = {
  sharpness: { type: 'string' },
  exploration: { type: 'string' },
  forgetting: { type: 'string' },
} as const;

/** The defaults but for the flags given; other flags are the caller's. */
export function paramFlags(): ChainParamsOverrides {
  const { values } = parseArgs({ options: PARAM_FLAGS, strict: false });
  const { sharpness, exploration, forgetting } = values;
  return {
    market: {
      ...(sharpness === undefined ? {} : { sharpness: Number(sharpness) }),
      ...(exploration === undefined ? {} : { exploration: Number(exploration) }),
    },
    ...(forgetting === undefined ? {} : { reputationForgetting: Number(forgetting) }),
  };
}
