/** Reads what a person wrote after --model to name a model on a server. Owns that notation: `http://HOST:PORT/v1#MODEL`. */
import { ModelError } from '../errors.ts';
import type { ForeignBackend } from './backend-file.ts';

const CONTEXT_TOKENS = 2048;
/** As the chain takes it of an expert's base model. */
const NAME_BYTES_MAX = 96;

export const isHttpModel = (model: string): boolean => /^https?:\/\//.test(model);

/** What a person would write for a model on a server that is known. */
export const httpModelName = ({ url, model }: { readonly url: string; readonly model: string }): string =>
  `${url}#${encodeURIComponent(model)}`;

/** Errors: MODEL_FORMAT. The key is no part of it: SYNOD_BACKEND_KEY in the environment of the worker. */
export function describeHttp(model: string, helper: string): ForeignBackend {
  const url = URL.canParse(model) ? new URL(model) : undefined;
  const name = nameIn(url?.hash.slice(1) ?? '');
  const isPlain = url?.username === '' && url.password === '' && url.search === '';
  if (url === undefined || name === '' || !isPlain) {
    throw new ModelError(
      'MODEL_FORMAT',
      'A model on a server is named by address and name, without credentials or a query: --model http://127.0.0.1:8000/v1#NAME. Put a key into SYNOD_BACKEND_KEY.',
    );
  }
  const address = `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
  return {
    kind: 'http',
    name,
    licence: 'see the server',
    parameters: 0,
    contextTokens: CONTEXT_TOKENS,
    helper,
    url: address,
    model: name,
  };
}

/** Empty for what is no name: nothing, what cannot be decoded, what a screen would not show as it is, or more than the chain takes. */
function nameIn(hash: string): string {
  try {
    const name = decodeURIComponent(hash);
    return /\p{C}/u.test(name) || Buffer.byteLength(name) > NAME_BYTES_MAX ? '' : name;
  } catch {
    return '';
  }
}
