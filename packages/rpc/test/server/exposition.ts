/** Reads the Prometheus text format as a scraper does. Owns the grammar that the tests need. */

export type Sample = {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
};
export type Family = {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: readonly Sample[];
};

/** Every family with its samples; throws at a line that is none, and at a sample without a family. */
export function parseExposition(text: string): Family[] {
  const families: (Family & { samples: Sample[] })[] = [];
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const help = /^# HELP (\S+) (.*)$/.exec(line);
    const type = /^# TYPE (\S+) (\S+)$/.exec(line);
    if (help !== null) families.push({ name: help[1]!, type: '', help: help[2]!, samples: [] });
    else if (type !== null) Object.assign(families.at(-1)!, { type: type[2] });
    else families.at(-1)!.samples.push(parseSample(line, families.at(-1)!.name));
  }
  return families;
}

function parseSample(line: string, family: string): Sample {
  const match = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
  if (match === null || !match[1]!.startsWith(family)) throw new Error(`no sample of ${family}: ${line}`);
  const labels: Record<string, string> = {};
  for (const [, name, value] of (match[2] ?? '').matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g))
    labels[name!] = value!;
  return { name: match[1]!, labels, value: match[3] === '+Inf' ? Number.POSITIVE_INFINITY : Number(match[3]) };
}
