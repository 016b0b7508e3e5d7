/**
 * One core whose inputs a test writes by hand, with its effects as lines. Owns shorthands for inputs only.
 */
import assert from 'node:assert/strict';
import type { Address, Hash } from '@synod/chain';
import { createHeight, step } from '../src/consensus.ts';
import type { ConsensusConfig, ConsensusInput, ConsensusState } from '../src/consensus-types.ts';
import { describe, makeProposal, makeVote, TIMEOUTS, validator } from './world.ts';

export const NAMES = ['v1', 'v2', 'v3', 'v4'];
const VALIDATORS = NAMES.map((name) => validator(name));

/** A core of v4 at height 1, where v1 proposes round 0, v2 round 1 and so on. Collects effects as lines. */
export class Node {
  state: ConsensusState;
  lines: string[] = [];

  constructor(config: Partial<ConsensusConfig> = {}) {
    const proposerOf = (round: number): Address => VALIDATORS[round % VALIDATORS.length]!.operator;
    const context = { height: 1, validators: VALIDATORS, proposerOf };
    this.state = createHeight({ chainId: 'rules', self: 'v4' as Address, timeouts: TIMEOUTS, ...config }, context);
  }

  feed(...inputs: ConsensusInput[]): string[] {
    const lines: string[] = [];
    for (const input of inputs) {
      const result = step(this.state, input);
      this.state = result.state;
      lines.push(...result.effects.map(describe));
    }
    this.lines.push(...lines);
    return lines;
  }

  start(): this {
    this.feed({ kind: 'start' });
    return this;
  }

  propose(blockId: string, round = 0, polRound = -1, valid: boolean | null = true): string[] {
    const by = NAMES[round % 4]!;
    const lines = this.feed({ kind: 'proposal', proposal: makeProposal({ round, polRound, blockId, by }) });
    return valid === null ? lines : [...lines, ...this.feed({ kind: 'verdict', blockId: blockId as Hash, valid })];
  }

  votes(type: 'prevote' | 'precommit', blockId: string | null, by: string[], round = 0): string[] {
    return by.flatMap((one) => this.feed({ kind: 'vote', vote: makeVote({ type, round, blockId, by: one }) }));
  }

  timeout(kind: 'propose' | 'prevote' | 'precommit', round = 0, height = 1): string[] {
    return this.feed({ kind: 'timeout', timeout: { kind, height, round } });
  }

  /** Locks `blockId` in round 0 and moves to round 1. */
  lockThenRound1(blockId = 'A'): this {
    this.start().propose(blockId);
    this.votes('prevote', blockId, ['v1', 'v2', 'v4']);
    this.timeout('precommit');
    assert.equal(this.state.machine.round, 1);
    assert.equal(this.state.machine.lockedValue, blockId);
    return this;
  }
}

export const THREE = ['v1', 'v2', 'v3'];
