/** Staking payloads one by one, without blocks around them, for tests that need thousands. Owns no rule. */
import { type Address, Overlay, type Payload, readParams, type StakingPayload } from '../../src/index.ts';
import { applyStaking } from '../../src/staking/apply-staking.ts';
import { CHAIN_ID, type TestChain } from '../test-chain.ts';

/** Applies payloads to an overlay of the chain's state as if they stood in its next blocks, one a height. */
export class Heights {
  readonly overlay: Overlay;
  readonly #chain: TestChain;
  height: number;

  constructor(chain: TestChain) {
    this.#chain = chain;
    this.overlay = new Overlay(chain.state);
    this.height = chain.height + 1;
  }

  code(sender: Address, payload: Payload): string {
    const context = { chainId: CHAIN_ID, height: this.height, params: readParams(this.overlay), emit: () => undefined };
    return applyStaking(this.overlay, payload as StakingPayload, { ...context, sender });
  }

  state() {
    return this.#chain.state.update(this.overlay.writes());
  }
}
