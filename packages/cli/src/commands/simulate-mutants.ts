/**
 * `synod simulate mutants`: breaks copies of the production code on purpose and sees whether the simulator notices. Owns the
 * flags and what is printed; the simulator owns the hunt.
 */
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SynodError } from '@synod/chain';
import { type MutantResult, type MutationReport, runMutants } from '@synod/simulator';
import { stopSignal } from '../processes/stop-signals.ts';
import { parseCount } from '../settings/settings.ts';
import { SYNOD } from '../terminal/command-name.ts';
import { type CommonOptions, note, print, printJson } from '../terminal/output.ts';
import { parseSeeds } from './simulate.ts';

export type SimulateMutantsFlags = CommonOptions & {
  readonly folder?: string;
  readonly only?: string;
  readonly seeds: string;
  readonly threads: string;
};

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../../../..');

/**
 * Throws `MUTANTS_SURVIVED` when a mutant survived, `MUTANTS_INVALID` when one is none, `MUTATION_CONTROL_FAILED` when the unchanged code fails too, and
 * `INTERRUPTED` when Ctrl-C ended it; the report stands before each.
 */
export async function runSimulateMutants(flags: SimulateMutantsFlags): Promise<void> {
  const [first, last] = parseSeeds(flags.seeds);
  const threads = parseCount(flags.threads, '--threads', { min: 0, max: 64 });
  const only = flags.only?.split(',').map((name) => name.trim());
  const replay = (result: MutantResult) => replayCommand(result, flags.folder);
  let done = 0;
  const report = await runMutants(
    {
      root: ROOT,
      folders: [
        join(ROOT, 'packages/simulator/mutants'),
        ...(flags.folder === undefined ? [] : [resolve(flags.folder)]),
      ],
      seeds: { first, last },
      threads: threads === 0 ? availableParallelism() : threads,
      signal: stopSignal(),
      ...(only === undefined ? {} : { only }),
    },
    (result, total) => {
      done += 1;
      const line = `${describe(result)}${result.seed === null ? '' : `   ${replay(result)}`}`;
      if (flags.json) note(`  … ${done} of ${total}  ${line}`);
      else print(`${`${done}/${total}`.padStart(7)}  ${line}`);
    },
  );
  if (flags.json) printJson({ ...report, results: report.results.map((one) => ({ ...one, replay: replay(one) })) });
  else showEnd(report, { first, last });
  endWith(report);
}

function describe({ name, outcome, seed, kind, how, wallMs }: MutantResult): string {
  const seconds = `${(wallMs / 1000).toFixed(1)} s`;
  if (outcome === 'killed') return `${name.padEnd(32)}  killed by seed ${seed} (${kind}) in ${seconds}`;
  return `${name.padEnd(32)}  ${outcome === 'survived' ? 'SURVIVED' : 'INVALID'}: ${how}, ${seconds}`;
}

function replayCommand({ name, seed }: MutantResult, folder: string | undefined): string {
  const where = folder === undefined ? '' : ` --folder ${folder}`;
  return seed === null ? '' : `${SYNOD} simulate mutants --only ${name} --seeds ${seed}..${seed}${where}`;
}

function showEnd(report: MutationReport, tried: { readonly first: number; readonly last: number }): void {
  const { results, killed, survived, invalid, left, controlSeeds, controlFailure, wallMs } = report;
  const unseen = left === 0 ? '' : `, ${left} not looked at`;
  print(`${killed} killed, ${survived} survived, ${invalid} invalid${unseen}   ${(wallMs / 1000).toFixed(0)} s`);
  const isTried = (seed: number | null) => seed !== null && seed >= tried.first && seed <= tried.last;
  const moved = results.filter(({ outcome, seed, said }) => outcome === 'killed' && isTried(said) && said !== seed);
  if (moved.length > 0)
    print(
      `not killed by the seed that their file names: ${moved.map(({ name, seed }) => `${name} (${seed})`).join(', ')}`,
    );
  if (controlFailure !== null)
    print(`✖ the unchanged code fails too, at seed ${controlFailure.seed}: ${controlFailure.how}`);
  else if (controlSeeds > 0) print(`control: the unchanged code passes the same ${controlSeeds} seeds`);
}

function endWith({ results, survived, invalid, left, controlFailure }: MutationReport): void {
  if (controlFailure !== null) {
    const message = `Unchanged, the code fails at seed ${controlFailure.seed}: kills from there on prove nothing. See  ${SYNOD} simulate --seeds ${controlFailure.seed}..${controlFailure.seed} --trace`;
    throw new SynodError('MUTATION_CONTROL_FAILED', message, { facts: { seed: controlFailure.seed } });
  }
  if (left > 0) throw new SynodError('INTERRUPTED', `Stopped before ${left} mutants were looked at.`);
  const namesOf = (outcome: MutantResult['outcome']) =>
    results.flatMap((result) => (result.outcome === outcome ? [result.name] : [])).join(', ');
  if (survived > 0)
    throw new SynodError('MUTANTS_SURVIVED', `${survived} mutants survived: ${namesOf('survived')}.`, {
      facts: { survived },
    });
  if (invalid === 0) return;
  const message = `${invalid} mutants do not apply or do not compile, so nothing is known of them: ${namesOf('invalid')}. Fit them to the source.`;
  throw new SynodError('MUTANTS_INVALID', message, { facts: { invalid } });
}
