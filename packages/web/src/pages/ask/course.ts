/**
 * One question and its course, from being typed to being final: a pure reducer over the node's events, so that what the page shows
 * can be tested without a page.
 */
import type { QueryEventJson, QueryJson } from '@synod/rpc/client';
import type { Problem } from '../../api/problem.ts';

/** `sending`: no id yet. `opening`: on its way into a block. `failed`: never opened, or nothing more will come. */
export type TurnPhase = 'sending' | 'opening' | 'answering' | 'judging' | 'final' | 'failed';

export type Turn = {
  /** Of this page alone; the query's id comes with the node's answer. */
  readonly key: string;
  readonly prompt: string;
  readonly isPrivate: boolean;
  readonly askedAtMs: number;
  readonly queryId: string | null;
  /** Opens the texts of a private query; kept in this tab only. */
  readonly readKey: string | null;
  /** Name or address of the devnet account that pays; null where a spend key does. */
  readonly account: string | null;
  readonly phase: TurnPhase;
  readonly isStopping: boolean;
  readonly selected: readonly { readonly expert: string; readonly name: string; readonly model: string }[];
  /** Text of the first-selected expert as it comes; not what was paid for until it is final. */
  readonly provisional: string;
  readonly provisionalExpert: string | null;
  /** What the phase was called on the chain, and since which block. */
  readonly chainPhase: { readonly name: string; readonly height: string } | null;
  readonly firstTokenMs: number | null;
  /** Until the answer was final, from the moment of asking. */
  readonly finalMs: number | null;
  readonly result: QueryJson | null;
  readonly problem: Problem | null;
};

/** A question that was just asked. */
export function newTurn(asked: Pick<Turn, 'key' | 'prompt' | 'isPrivate' | 'askedAtMs' | 'account'>): Turn {
  return {
    ...asked,
    queryId: null,
    readKey: null,
    phase: 'sending',
    isStopping: false,
    selected: [],
    provisional: '',
    provisionalExpert: null,
    chainPhase: null,
    firstTokenMs: null,
    finalMs: null,
    result: null,
    problem: null,
  };
}

/** The turn after an event. Events are told from the beginning again after a reconnect: `restartTurn` comes before that. */
export function applyEvent(turn: Turn, event: QueryEventJson, nowMs: number): Turn {
  const sinceMs = nowMs - turn.askedAtMs;
  switch (event.kind) {
    case 'opened':
      return { ...turn, phase: 'opening', chainPhase: { name: 'opened', height: event.height } };
    case 'selected':
      return { ...turn, phase: 'answering', selected: event.experts };
    case 'token':
      return {
        ...turn,
        phase: turn.phase === 'judging' ? 'judging' : 'answering',
        provisional: turn.provisional + event.text,
        provisionalExpert: event.expert,
        firstTokenMs: turn.firstTokenMs ?? sinceMs,
      };
    case 'answerDone':
      return turn.provisionalExpert === null || event.expert === turn.provisionalExpert
        ? { ...turn, phase: 'judging' }
        : turn;
    case 'phase':
      return { ...turn, chainPhase: { name: event.phase, height: event.height } };
    case 'final':
      return { ...turn, phase: 'final', isStopping: false, result: event.query, finalMs: turn.finalMs ?? sinceMs };
    case 'failed':
      return failTurn(turn, { code: event.code, what: event.message, next: null });
  }
}

/** Nothing more will come of it. */
export function failTurn(turn: Turn, problem: Problem): Turn {
  return { ...turn, phase: 'failed', isStopping: false, problem };
}

/** Forgets what events told, because they will be told again. */
export function restartTurn(turn: Turn): Turn {
  return {
    ...turn,
    phase: 'opening',
    selected: [],
    provisional: '',
    provisionalExpert: null,
    chainPhase: null,
    problem: null,
  };
}

/** Whether something is still to come. */
export function isRunning({ phase }: Turn): boolean {
  return phase !== 'final' && phase !== 'failed';
}

/** Whether another text than the one that was streamed is the answer. White space at the ends is nobody's statement. */
export function wasReplaced({ provisional, result }: Pick<Turn, 'provisional' | 'result'>): boolean {
  const answer = result?.answer ?? null;
  return answer !== null && provisional.trim() !== '' && provisional.trim() !== answer.trim();
}

/** What is going on, for people. */
export function progressText({ phase, chainPhase, isStopping, selected }: Turn): string {
  if (isStopping) return 'Stopping: what is delivered is settled, the rest is refunded';
  if (phase === 'sending') return 'Signing and sending';
  if (phase === 'opening') return 'Waiting for a block to open the query';
  const round = chainPhase === null ? '' : (chainPhases[chainPhase.name] ?? '');
  if (phase === 'judging') return round === '' ? 'Validators score the answers' : round;
  return selected.length === 0 ? 'Experts are being drawn' : 'Answering';
}

const chainPhases: Readonly<Record<string, string>> = {
  selecting: 'Experts are being drawn',
  answering: 'Experts commit to their answers',
  revealing: 'Experts reveal their answers',
  scoring: 'Validators score the answers',
  scoreRevealing: 'Validators reveal their scores',
  settled: 'Settled; its certificate is awaited',
};
