/** Owns the sentences made from ICD-10-CM's tabular list. Chooses codes that people know by name. */
import type { Passage } from '../../passage.ts';
import type { Aliases } from '../../recipe.ts';
import { passageOf } from '../readers/facts.ts';

export type IcdEntry = { readonly code: string; readonly name: string };

/** Codes and names in the order of the list. */
export function readIcd(tabular: string): readonly IcdEntry[] {
  return [...tabular.matchAll(/<name>([A-Z]\d[0-9A-Z](?:\.[0-9A-Z]+)?)<\/name>\s*<desc>([^<]+)<\/desc>/g)].map(
    ([, code = '', name = '']) => ({ code, name: plainText(name) }),
  );
}

const plainText = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&apos;', "'").replaceAll('&amp;', '&');

/** Chapters of diseases and signs; injuries, causes from outside and administration are left out. */
const chapters = /^[A-NR]/;
const vague = /\b(other|others|unspecified|classified|with|without|elsewhere|due|following|certain|not)\b|[[\]]/i;

/** Whole categories, and of the codes of four characters those whose names other texts use too. */
export function commonCodes(entries: readonly IcdEntry[], named: ReadonlyMap<string, number>): readonly IcdEntry[] {
  const seen = new Set<string>();
  return entries.filter(({ code, name }) => {
    const category = code.length === 3 && name.length <= 50 && !/\b(other|elsewhere)\b/i.test(name);
    const short = code.length === 5 && !vague.test(name) && named.has(name.toLowerCase());
    if (!chapters.test(code) || !(category || short) || seen.has(name)) return false;
    seen.add(name);
    return true;
  });
}

/** Codes in two directions would double the index: one sentence says both. */
export function icdPassages(entries: readonly IcdEntry[], source: string): readonly (Passage | null)[] {
  return entries.map(({ code, name }) =>
    passageOf({
      pattern: 'The ICD-10 code for {s} is {v}.',
      source,
      relation: 'icd-10-code',
      subject: plainName(name),
      value: code,
    }),
  );
}

/** The name as it stands inside a sentence: lower case unless a name of a person or place opens it. */
export const plainName = (name: string): string =>
  /^[A-Z][a-z]+( [a-z(]|$|,)/.test(name) && !eponym.test(name) ? name.charAt(0).toLowerCase() + name.slice(1) : name;

const eponym =
  /^(?:Alzheimer|Crohn|Parkinson|Huntington|Hodgkin|Burkitt|Kaposi|Cushing|Graves|Lyme|Ebola|Zika|Lassa|Marburg|Down|Turner|Klinefelter|Meniere|Bell|Behcet|Wilson|Paget|Raynaud|Sjogren|Japanese|Chagas|Rocky|Barrett|Dupuytren|Peyronie|Legionnaires|Brucella|Salmonella|Shigella|Listeria|Chlamydia|Staphylococcus|Streptococcus|Escherichia|Candida|African|American|Mediterranean|Crimean|Asian|French|German|English|Latin)/;

/** Everyday names of what the list calls otherwise. */
export function icdAliases(entries: readonly IcdEntry[]): Aliases {
  return Object.fromEntries(
    entries.flatMap(({ name }) => {
      const names = everyday.flatMap(([form, other]) =>
        form.test(name) ? [name.replace(form, other).toLowerCase()] : [],
      );
      return names.length === 0 ? [] : [[plainName(name), names]];
    }),
  );
}

const everyday: readonly (readonly [RegExp, string])[] = [
  [/^Malignant neoplasm of (?:the )?(.+)$/, '$1 cancer'],
  [/^Malignant neoplasm of (?:the )?(.+)$/, 'cancer of the $1'],
  [/^(.+?) mellitus$/, '$1'],
  [/^(.+?), unspecified$/, '$1'],
  [/^(?:Acute |Essential \(primary\) )(.+)$/, '$1'],
  [/^(.+?) \[.+\]$/, '$1'],
  [/^(.*)\((.+)\)(.*)$/, '$1$2$3'],
];
