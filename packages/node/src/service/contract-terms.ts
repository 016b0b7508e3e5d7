/** What a requester may name in a contract, said before anything is signed. Owns the sentences; the bounds are the chain's parameters (market §2). */
import { readParams, type StateView, SynodError } from '@synod/chain';

export type NamedTerms = {
  readonly respondents?: number | undefined;
  readonly rounds?: number | undefined;
  readonly threshold?: number | undefined;
};

/** Throws PAYLOAD_INVALID for a term that the chain would refuse, with its bounds. */
export function checkTerms(state: StateView, { respondents, rounds, threshold }: NamedTerms): void {
  const { respondentsMax, thresholdMax, market } = readParams(state);
  const range = (field: string, value: number | undefined, [least, most]: readonly [number, number], what: string) => {
    if (value === undefined || (value >= least && value <= most)) return;
    throw outside(field, `This chain takes ${least} to ${most} ${what}, not ${value}.`, [least, most]);
  };
  range('respondents', respondents, [1, respondentsMax], 'respondents');
  range('rounds', rounds, [1, market.roundsMax], 'rounds');
  range('threshold', threshold, [0, thresholdMax], 'millionths as threshold');
}

function outside(field: string, message: string, [least, most]: readonly [number, number]): SynodError {
  return new SynodError('PAYLOAD_INVALID', `${message} Nothing was charged. Ask again within these bounds.`, {
    facts: { field, least, most },
  });
}
