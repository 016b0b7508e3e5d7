/**
 * Model ids (spec: openai §2): what can be asked (`synod/auto`, `synod/<domain>`, `expert/<id>@<version>`) and what makes vectors
 * (`synod/embed`). Owns the ids and what each stands for.
 */
import { type Address, type Expert, SynodError } from '@synod/chain';
import { decimal } from '../json/scalars.ts';
import type { NodeApi } from '../node-api.ts';

/** Its vectors are this node's own and cost nothing. */
export const EMBEDDING_MODEL = 'synod/embed';

/** A model as the OpenAI API lists it. */
export type ModelJson = {
  readonly id: string;
  readonly object: 'model';
  readonly created: number;
  readonly owned_by: string;
  /** Of an expert, or of the cheapest of several; null where nothing is paid. */
  readonly pricing: {
    readonly input_per_byte: string;
    readonly output_per_byte: string;
    readonly quote_per_byte: string;
    readonly unit: 'nano';
  } | null;
  /** Longest prompt, all messages joined, in UTF-8 bytes. Prompts are metered in bytes, not tokens. */
  readonly context: { readonly prompt_bytes: number };
  /** Whether a chat completion may name it. */
  readonly selectable: boolean;
  /** Where the card of an expert is. */
  readonly card: string | null;
};

/** The models of the present state: `synod/auto`, domains by name, `synod/embed`, experts by name. */
export function listModels(api: NodeApi): readonly ModelJson[] {
  const experts = api.experts(null);
  const domains = [...new Set(experts.map(({ profile }) => profile.domain))].sort();
  const common = {
    object: 'model' as const,
    created: Math.floor(api.genesis().time / 1000),
    context: { prompt_bytes: api.params().promptBytesMax },
  };
  const shared = (id: string, of: readonly Expert[]): ModelJson => ({
    id,
    ...common,
    owned_by: 'synod',
    pricing: pricingOf(cheapest(of)),
    selectable: true,
    card: null,
  });
  return [
    shared('synod/auto', experts),
    ...domains.map((domain) =>
      shared(
        `synod/${domain}`,
        experts.filter(({ profile }) => profile.domain === domain),
      ),
    ),
    { ...shared(EMBEDDING_MODEL, []), selectable: false },
    ...experts
      .map((expert) => ({
        ...common,
        id: expertId(expert, api),
        owned_by: expert.profile.operator,
        pricing: pricingOf(expert),
        selectable: true,
        card: `/v1/experts/${expert.address}/card`,
      }))
      .sort((a, b) => (a.id < b.id ? -1 : 1)),
  ];
}

/** The model of that id; an expert also by its address, and with its version. Throws `MODEL_NOT_FOUND`. */
export function findModel(api: NodeApi, id: string): ModelJson {
  const models = listModels(api);
  const expert = expertOf(api, id);
  const found = models.find((model) => model.id === (expert === null ? id : expertId(expert, api)));
  if (found === undefined) throw modelNotFound(id);
  return found;
}

/** Whom a chat asks: one expert, a domain, or whom the node finds. */
export type Asked = { readonly domain?: string; readonly expert?: Address };

/** What a chat's model names; `synod/auto` leaves the domain to `wanted`, or to the node. Throws what refuses the model. */
export function askedOf(model: string, wanted: string | undefined, api: NodeApi): Asked {
  const expert = expertOf(api, model);
  if (expert !== null) return { expert: expert.address, ...(wanted === undefined ? {} : { domain: wanted }) };
  const domain = domainOf(model, wanted, api);
  return domain === undefined ? {} : { domain };
}

function domainOf(model: string, wanted: string | undefined, api: NodeApi): string | undefined {
  const name = /^synod\/([a-z0-9-]{1,48})$/.exec(model)?.[1];
  if (name === undefined || model === EMBEDDING_MODEL) throw modelNotFound(model);
  if (name !== 'auto' && api.experts(name).length === 0) throw modelNotFound(model);
  if (name !== 'auto') return name;
  if (wanted !== undefined && api.experts(wanted).length === 0) {
    throw new SynodError(
      'DOMAIN_UNKNOWN',
      `No expert serves the domain "${wanted}". GET /v1/models lists what there is.`,
      {
        facts: { param: 'synod.domain' },
      },
    );
  }
  if (api.experts(null).length === 0) {
    throw new SynodError('NO_EXPERT', 'No expert is registered on this chain. Register one, then ask again.');
  }
  return wanted;
}

/** With the version of its domain's model that its next answers have; 0 as it was registered. */
function expertId(expert: Expert, api: NodeApi): string {
  const { address, profile } = expert;
  // Names are not unique on a chain.
  const shared = api.experts(null).some((other) => other.address !== address && other.profile.name === profile.name);
  return `expert/${shared ? address : profile.name}@${versionOf(expert, api)}`;
}

function versionOf({ address, profile }: Expert, api: NodeApi): number {
  return api.learns(address) ? (api.learningLine(profile.domain)?.stable ?? 0) : 0;
}

/** The expert of `expert/NAME` or `expert/ADDRESS`, with or without `@VERSION`; null for another id, or a version that it has not. */
function expertOf(api: NodeApi, id: string): Expert | null {
  const match = /^expert\/([a-z0-9-]{1,64})(?:@(\d{1,9}))?$/.exec(id);
  if (match === null) return null;
  const [, name, version] = match;
  const found = api.experts(null).find(({ address, profile }) => profile.name === name || address === name);
  if (found === undefined || (version !== undefined && Number(version) !== versionOf(found, api))) return null;
  return found;
}

function modelNotFound(model: string): SynodError {
  return new SynodError(
    'MODEL_NOT_FOUND',
    `There is no model "${model.slice(0, 128)}" to ask. GET /v1/models lists what there is, e.g. synod/auto.`,
    { facts: { param: 'model' } },
  );
}

function cheapest(experts: readonly Expert[]): Expert | undefined {
  return experts.toSorted(({ profile: a }, { profile: b }) => (a.priceOutPerByte < b.priceOutPerByte ? -1 : 1))[0];
}

function pricingOf(expert: Expert | undefined): ModelJson['pricing'] {
  if (expert === undefined) return null;
  const { priceInPerByte, priceOutPerByte, priceQuotePerByte } = expert.profile;
  return {
    input_per_byte: decimal(priceInPerByte),
    output_per_byte: decimal(priceOutPerByte),
    quote_per_byte: decimal(priceQuotePerByte),
    unit: 'nano',
  };
}
