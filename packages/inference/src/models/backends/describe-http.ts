/** Reads what a person wrote after --model to name a model on a server. Owns that notation: `http://HOST:PORT/v1#MODEL`. */
import { ModelError } from '../errors.ts';
import type { ForeignBackend } from './backend-file.ts';

const CONTEXT_TOKENS = 2048;

export const isHttpModel = (model: string): boolean => /^https?:\/\//.test(model);

/** Errors: MODEL_FORMAT. The key is no part of it: SYNOD_BACKEND_KEY in the environment of the worker. */
export function describeHttp(model: string, helper: string): ForeignBackend {
  const url = URL.canParse(model) ? new URL(model) : undefined;
  const name = decodeURIComponent(url?.hash.slice(1) ?? '');
  if (url === undefined || name === '' || url.username !== '' || url.password !== '') {
    throw new ModelError(
      'MODEL_FORMAT',
      'A model on a server is named by address and name, without credentials: --model http://127.0.0.1:8000/v1#NAME. Put a key into SYNOD_BACKEND_KEY.',
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
