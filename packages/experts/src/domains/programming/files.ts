/** Owns the sentences about files, licences and HTTP status codes that small packages hold. */
import type { Passage } from '../../passage.ts';
import { passageOf } from '../readers/facts.ts';

export type Language = { readonly name: string; readonly type: string; readonly extensions: readonly string[] };

/** One language file of the package `linguist-languages`. */
export function readLanguage(source: string): Language {
  const one = (key: string): string => new RegExp(`^  ${key}: (['"])(.*)\\1,`, 'm').exec(source)?.[2] ?? '';
  const list = /^ {2}extensions: \[([^\]]*)\]/m.exec(source)?.[1] ?? '';
  return {
    name: one('name'),
    type: one('type'),
    extensions: [...list.matchAll(/'([^']+)'/g)].map(([, extension = '']) => extension),
  };
}

const knownFormats = new Set('CSV GraphQL INI JSON JSON5 Markdown SQL TOML XML YAML Diff'.split(' '));

/** The main extension of each language, and the language of each extension that only one has as its main. */
export function languagePassages(languages: readonly Language[], source: string): readonly (Passage | null)[] {
  return languages
    .filter(({ name, type }) => type === 'programming' || type === 'markup' || knownFormats.has(name))
    .filter(({ name, extensions }) => extensions.length > 0 && /^[\w+#. -]{1,30}$/.test(name))
    .map(({ name: subject, extensions: [value = ''] }) =>
      passageOf({
        pattern: 'The file extension of {s} is {v}.',
        source,
        relation: 'file-extension',
        subject,
        value,
      }),
    );
}

type MimeType = { readonly source?: string; readonly extensions?: readonly string[] };

/** The MIME type of each common file extension. */
export function mimePassages(types: Readonly<Record<string, MimeType>>, source: string): readonly (Passage | null)[] {
  const seen = new Set<string>();
  const ranked = Object.entries(types).sort(
    ([a], [b]) => Number(/\/(?:x-|vnd\.)/.test(a)) - Number(/\/(?:x-|vnd\.)/.test(b)),
  );
  return ranked
    .flatMap(([value, { extensions = [] }]) => extensions.map((extension) => ({ value, extension })))
    .filter(({ extension }) => commonExtensions.has(extension) && !seen.has(extension) && seen.add(extension))
    .map(({ value, extension }) =>
      passageOf({
        pattern: 'The MIME type of {s} files is {v}.',
        source,
        relation: 'mime-type',
        subject: `.${extension}`,
        value,
      }),
    );
}

const commonExtensions = new Set(
  '3gp 7z aac abw apk atom avi avif azw bin bmp bz bz2 cjs class css csv cur deb dmg doc docm docx eot epub exe flac flv gif gml gpx gz h264 htm html ico ics iso jar jpeg jpg js json json5 jsonld kml kmz latex m3u8 m4a m4v md mid midi mjs mkv mov mp2 mp3 mp4 mpeg mpg odp ods odt oga ogg ogv opus otf p12 pdf pem pfx php pl png ppt pptx ps psd py rar rdf rpm rss rtf sh sql srt svg swf tar tex tgz tif tiff toml torrent ts tsv ttf txt vcf vsd vtt war wasm wav weba webm webmanifest webp wma wmv woff woff2 wsdl xhtml xls xlsx xml xpi xsl xslt xul yaml yml zip zst'.split(
    ' ',
  ),
);

/** The phrase of each status code. */
export function statusPassages(codes: Readonly<Record<string, string>>, source: string): readonly (Passage | null)[] {
  return Object.entries(codes).map(([code, value]) =>
    passageOf({ pattern: 'HTTP {s} means {v}.', source, relation: 'status-meaning', subject: code, value }),
  );
}

type Licence = { readonly name: string; readonly osiApproved: boolean };

/** SPDX identifiers of licences that the Open Source Initiative approved, and of Creative Commons. */
export function licencePassages(
  licences: Readonly<Record<string, Licence>>,
  source: string,
): readonly (Passage | null)[] {
  return Object.entries(licences)
    .filter(
      ([id, { osiApproved }]) => (osiApproved || /^CC(0|-BY)[\w.-]*$/.test(id)) && !/-(?:[A-Z]{2}|IGO)$|\+$/.test(id),
    )
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([value, { name: subject }]) =>
      passageOf({
        pattern: 'The SPDX identifier of the licence {s} is {v}.',
        source,
        relation: 'spdx-identifier',
        subject,
        value,
      }),
    );
}
