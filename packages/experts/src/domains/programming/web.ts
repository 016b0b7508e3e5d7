/** Owns the sentences made from MDN's data: since when browsers have a feature, and CSS properties' initial values. */
import type { Passage } from '../../passage.ts';
import { passageOf } from '../readers/facts.ts';

type Support = { readonly version_added?: unknown };
type Compat = {
  readonly status?: {
    readonly deprecated?: boolean;
    readonly experimental?: boolean;
    readonly standard_track?: boolean;
  };
  readonly support?: Readonly<Record<string, Support | readonly Support[]>>;
};
/** A node of the tree; the features' own data stand under `__compat`. */
export type CompatNode = { readonly [name: string]: CompatNode | undefined };

const compatOf = (node: CompatNode): Compat | undefined => node['__compat'] as Compat | undefined;

/** A feature as people name it. */
export type Feature = { readonly name: string; readonly compat: Compat };

const browsers: readonly (readonly [id: string, name: string])[] = [
  ['chrome', 'Chrome'],
  ['firefox', 'Firefox'],
  ['safari', 'Safari'],
  ['nodejs', 'Node.js'],
];

/** JavaScript's built-in objects with their methods, statements, HTML elements, CSS properties, HTTP headers. */
export function webFeatures(data: CompatNode): readonly Feature[] {
  const at = (...path: string[]): CompatNode => path.reduce((node, name) => node[name] ?? {}, data);
  const members = (node: CompatNode): readonly (readonly [string, CompatNode])[] =>
    Object.entries(node).flatMap(([name, child]) =>
      name === '__compat' || child === undefined ? [] : [[name, child] as const],
    );
  const named = (node: CompatNode, name: (key: string) => string): readonly Feature[] =>
    members(node).flatMap(([key, child]) => {
      const compat = compatOf(child);
      return compat === undefined ? [] : [{ name: name(key), compat }];
    });
  const builtins = members(at('javascript', 'builtins')).filter(([name]) => commonBuiltins.has(name));
  return [
    ...named(at('javascript', 'builtins'), (name) => `the JavaScript built-in ${name}`),
    ...builtins.flatMap(([owner, node]) =>
      named(node, (name) => (name === owner ? `the ${owner}() constructor` : memberName(owner, name))),
    ),
    ...named(at('html', 'elements'), (name) => `the HTML element <${name}>`),
    ...named(at('css', 'properties'), (name) => `the CSS property ${name}`),
    ...named(at('css', 'selectors'), (name) => `the CSS selector ${name}`),
    ...named(at('http', 'headers'), (name) => `the HTTP header ${name}`),
    ...named(at('api'), (name) => `the web API ${name}`).filter(({ name }) => commonApis.has(name.slice(12))),
  ].filter(({ name }) => /^[\x20-\x7e]{4,60}$/.test(name) && !/[@_]/.test(name));
}

const commonBuiltins = new Set(
  'Array ArrayBuffer BigInt Date Function Iterator JSON Map Math Number Object Promise Proxy RegExp Set String Symbol WeakMap WeakRef'.split(
    ' ',
  ),
);
const commonApis = new Set(
  'fetch AbortController AbortSignal Blob BroadcastChannel CanvasRenderingContext2D Crypto CustomEvent DOMParser Document Element Event EventSource EventTarget File FileReader FileSystem FormData Gamepad Geolocation GPU Headers History HTMLCanvasElement IDBDatabase IntersectionObserver LocalStorage MediaRecorder MediaStream MessageChannel MutationObserver Navigator Node Notification OffscreenCanvas PaymentRequest PerformanceObserver PushManager ReadableStream Request ResizeObserver Response RTCPeerConnection Selection ServiceWorker ShadowRoot SharedWorker SpeechSynthesis Storage SubtleCrypto TextDecoder TextEncoder TransformStream URL URLPattern URLSearchParams ViewTransition WebGL2RenderingContext WebGLRenderingContext WebSocket WebTransport Window Worker Worklet WritableStream XMLHttpRequest structuredClone queueMicrotask'.split(
    ' ',
  ),
);
const fixed = new Set('Math JSON Symbol Iterator'.split(' '));
const onClass: ReadonlySet<string> = new Set(
  'from of isArray fromAsync assign create defineProperties defineProperty entries freeze fromEntries getOwnPropertyDescriptor getOwnPropertyDescriptors getOwnPropertyNames getOwnPropertySymbols getPrototypeOf groupBy hasOwn is isExtensible isFrozen isSealed keys preventExtensions seal setPrototypeOf values all allSettled any race reject resolve try withResolvers now UTC parse fromCharCode fromCodePoint raw isFinite isInteger isNaN isSafeInteger parseFloat parseInt asIntN asUintN isView escape revocable EPSILON MAX_SAFE_INTEGER MIN_SAFE_INTEGER MAX_VALUE MIN_VALUE'.split(
    ' ',
  ),
);
const instanceOnly = /^(?:Array|Map|Set)\.(?:entries|keys|values)$/;

const memberName = (owner: string, name: string): string => {
  const direct = fixed.has(owner) || (onClass.has(name) && !instanceOnly.test(`${owner}.${name}`));
  return direct ? `${owner}.${name}` : `${owner}.prototype.${name}`;
};

/** Features older than Chrome 35 (2014) are everywhere: nobody asks since when. */
const oldChrome = 35;

/** Since which version each browser has it, and whether it is deprecated. */
export function featurePassages({ name, compat }: Feature, source: string): readonly (Passage | null)[] {
  const subject = name.replace(
    /^the (?:JavaScript built-in|web API|HTTP header|CSS property|CSS selector|HTML element) /,
    '',
  );
  const chrome = Number(versionOf(compat.support?.['chrome']) ?? Number.POSITIVE_INFINITY);
  const { experimental, standard_track: standard } = compat.status ?? {};
  const everywhere = ['chrome', 'firefox', 'safari'].every((id) => versionOf(compat.support?.[id]) !== null);
  const asked = chrome >= oldChrome && everywhere && experimental !== true && standard === true;
  const since = (asked ? browsers : []).map(([id, browser]) => {
    const value = versionOf(compat.support?.[id]);
    if (value === null) return null;
    const pattern = `${browser} supports ${name} since version {v}.`;
    return passageOf({
      pattern,
      source,
      relation: `${browser.toLowerCase().replace('.', '')}-version`,
      subject,
      value,
    });
  });
  const deprecated = compat.status?.deprecated === true;
  const status = passageOf({
    pattern: `${capitalThe(name)} is {v}.`,
    source,
    relation: 'status',
    subject,
    value: 'deprecated',
  });
  return deprecated ? [status] : since;
}

const capitalThe = (name: string): string => name.replace(/^the /, 'The ');

/** The first release, when it is known exactly; version 1 says nothing that anybody asks. */
const versionOf = (support: Support | readonly Support[] | undefined): string | null => {
  const first = Array.isArray(support) ? (support as readonly Support[])[0] : (support as Support | undefined);
  const added = first?.version_added;
  return typeof added === 'string' && /^\d+(\.\d+)*$/.test(added) && added !== '1' ? added : null;
};

type CssProperty = { readonly initial?: unknown; readonly inherited?: unknown; readonly status?: unknown };

/** Initial value and inheritance of the standard properties. */
export function cssPassages(
  properties: Readonly<Record<string, CssProperty>>,
  source: string,
): readonly (Passage | null)[] {
  return Object.entries(properties).flatMap(([subject, { initial, inherited, status }]) => {
    if (
      status !== 'standard' ||
      !/^[a-z]/.test(subject) ||
      /(?:block|inline)-(?:start|end)|^scroll-|^mask-border|^offset|^-/.test(subject)
    )
      return [];
    const plain = typeof initial === 'string' && /^[a-z0-9 %.-]+$/.test(initial);
    return [
      plain
        ? passageOf({
            pattern: 'The initial value of the CSS property {s} is {v}.',
            source,
            relation: 'initial-value',
            subject,
            value: initial,
          })
        : null,
      inherited === true || /^[a-z]+$/.test(subject)
        ? passageOf({
            pattern: 'The CSS property {s} is {v} by child elements.',
            source,
            relation: 'inherited',
            subject,
            value: inherited === true ? 'inherited' : 'not inherited',
          })
        : null,
    ];
  });
}
