/**
 * Precommits of the decided height before that still arrive while the next height runs: each one more in the next block's
 * last commit. Owns that height's core after its decision.
 */
import type { ExtendedCommit, Vote } from '@synod/chain';
import { type ConsensusState, commitOf, step, voteWanted } from '@synod/consensus';

export class LatePrecommits {
  #state: ConsensusState | null = null;
  #commit: ExtendedCommit | null = null;

  /** Called once the block of the certificate is stored; `state` is the core as it stands then. */
  remember(state: ConsensusState | null, commit: ExtendedCommit): void {
    const isSame = state !== null && state.context.height === commit.height;
    this.#state = isSame ? state : null;
    this.#commit = isSame ? commit : null;
  }

  /** What the height's core would keep of it. */
  wanted(vote: Vote): ReturnType<typeof voteWanted> {
    return this.#state === null ? null : voteWanted(this.#state, vote);
  }

  onVote(vote: Vote): void {
    if (this.#state !== null) this.#state = step(this.#state, { kind: 'vote', vote }).state;
  }

  /** The certificate with every precommit received so far. */
  grown(commit: ExtendedCommit): ExtendedCommit {
    if (this.#state === null || this.#commit === null) return commit;
    const grown = commitOf(this.#state, this.#commit.round, this.#commit.blockId);
    return grown !== null && grown.precommits.length > commit.precommits.length ? grown : commit;
  }
}
