/**
 * Checks the parameters of a request against a method's schema. Owns the wording of -32602 errors: what is wrong with which
 * parameter, and the nearest known name for an unknown one (spec: rpc §1.4).
 */
import { SynodError } from '@synod/chain';
import type { z } from 'zod';
import { invalidParams } from '../errors.ts';
import { nearestName } from '../suggest.ts';
import type { AnyRpcMethod } from './method.ts';

/** Returns the method's parsed parameters. Throws `INVALID_PARAMS` (or a more exact name) for anything it does not take. */
export function parseParams(method: AnyRpcMethod, params: unknown): unknown {
  const parsed = method.params.safeParse(byName(method, params));
  if (parsed.success) return parsed.data;
  throw issueError(method, parsed.error.issues);
}

function byName(method: AnyRpcMethod, params: unknown): unknown {
  if (params === undefined) return {};
  if (!Array.isArray(params)) return params;
  const names = Object.keys(method.params.shape);
  if (params.length > names.length) {
    throw invalidParams(
      `${method.name} takes at most ${names.length} parameters, not ${params.length}.`,
      signature(method),
    );
  }
  if (method.fromPositional !== undefined) return method.fromPositional(params);
  return Object.fromEntries(params.map((value: unknown, index) => [names[index], value ?? undefined]));
}

function issueError(method: AnyRpcMethod, issues: readonly z.core.$ZodIssue[]): SynodError {
  const unknown = issues.find((issue) => issue.code === 'unrecognized_keys');
  if (unknown !== undefined) return unknownParameter(method, unknown.keys[0] ?? '');
  const issue = issues[0];
  const path = issue?.path.join('.') ?? '';
  const custom = issue?.code === 'custom' ? issue.params : undefined;
  const hint = typeof custom?.['hint'] === 'string' ? custom['hint'] : signature(method);
  const subject = path === '' ? 'the parameters' : `parameter "${path}"`;
  const message = `${method.name}: ${subject}: ${issue === undefined ? 'not accepted' : reasonOf(issue)}.`;
  const code = typeof custom?.['name'] === 'string' ? custom['name'] : 'INVALID_PARAMS';
  return new SynodError(code, message, { facts: { param: path, hint } });
}

/** What is wrong, in words that fit behind a colon; for alternatives the most telling one, which the others repeat as JSON numbers. */
function reasonOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_union': {
      const nested = issue.errors.flat();
      const telling = nested.find(({ code }) => code !== 'invalid_type') ?? nested[0];
      return telling === undefined ? issue.message : reasonOf(telling);
    }
    case 'invalid_type': {
      const received = /received (\w+)/.exec(issue.message)?.[1] ?? 'something else';
      return received === 'undefined' ? 'it is missing' : `expected ${issue.expected}, not ${received}`;
    }
    case 'invalid_value':
      return `it is one of ${issue.values.map((value) => `"${String(value)}"`).join(', ')}`;
    case 'too_small':
      return `it ${measure(issue.origin)} at least ${issue.minimum}${unit(issue.origin, issue.minimum)}`;
    case 'too_big':
      return `it ${measure(issue.origin)} at most ${issue.maximum}${unit(issue.origin, issue.maximum)}`;
    default:
      return issue.message;
  }
}

function measure(origin: string): 'is' | 'has' {
  return origin === 'string' || origin === 'array' ? 'has' : 'is';
}

function unit(origin: string, count: number | bigint): string {
  const word = origin === 'string' ? ' character' : origin === 'array' ? ' item' : '';
  return word === '' || Number(count) === 1 ? word : `${word}s`;
}

function unknownParameter(method: AnyRpcMethod, name: string): SynodError {
  const names = Object.keys(method.params.shape);
  const nearest = nearestName(name, names);
  const hint = nearest === null ? signature(method) : `Did you mean "${nearest}"?`;
  return invalidParams(`${method.name} has no parameter "${name.slice(0, 64)}". ${hint}`, hint, {
    param: name.slice(0, 64),
  });
}

/** One line that shows how the method is called, e.g. `tx_submit(raw, waitFor?, timeoutMs?)`. */
export function signature(method: AnyRpcMethod): string {
  const parameters = Object.entries(method.params.shape as Record<string, z.ZodType>).map(([name, schema]) =>
    schema.safeParse(undefined).success ? `${name}?` : name,
  );
  return `Call it as ${method.name}(${parameters.join(', ')}).`;
}
