/** How much of the market a contract takes, as JSON (market §17). Owns the schema; names and values are those of the port. */
import { z } from 'zod';
import { Count } from './scalars.ts';

export const EffortParam = z
  .enum(['quote', 'full'])
  .describe(
    'quote: passages alone, cheap; full: a model may put words before a quote. By itself the difficulty decides.',
  );

export const ConfigurationJson = z.strictObject({
  effort: z.enum(['quote', 'full']),
  respondents: Count,
  rounds: Count,
  /** For people. */
  reason: z.string(),
});
