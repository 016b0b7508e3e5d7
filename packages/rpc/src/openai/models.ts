/** GET /v1/models: `synod/auto`, and `synod/<domain>` for each domain that has experts (spec: rpc §6.1). */
import { decimal } from '../json/scalars.ts';
import type { NodeApi } from '../node-api.ts';

/** A model as the OpenAI API lists it; `pricing` is the cheapest expert's, in nano per byte. */
export type ModelJson = {
  readonly id: string;
  readonly object: 'model';
  readonly created: number;
  readonly owned_by: string;
  readonly pricing: { readonly input_per_byte: string; readonly output_per_byte: string; readonly unit: 'nano' } | null;
};

/** The models of the present state, in order of their ids after `synod/auto`. */
export function listModels(api: NodeApi): readonly ModelJson[] {
  const experts = api.experts(null);
  const domains = [...new Set(experts.map(({ profile }) => profile.domain))].sort();
  const created = Math.floor(api.genesis().time / 1000);
  const model = (id: string, domain: string | null): ModelJson => ({
    id,
    object: 'model',
    created,
    owned_by: 'synod',
    pricing: cheapest(
      experts.filter(({ profile }) => domain === null || profile.domain === domain).map(({ profile }) => profile),
    ),
  });
  return [model('synod/auto', null), ...domains.map((domain) => model(`synod/${domain}`, domain))];
}

function cheapest(
  profiles: readonly { readonly priceInPerByte: bigint; readonly priceOutPerByte: bigint }[],
): ModelJson['pricing'] {
  const [first] = [...profiles].sort((a, b) => Number(a.priceOutPerByte - b.priceOutPerByte));
  if (first === undefined) return null;
  return {
    input_per_byte: decimal(first.priceInPerByte),
    output_per_byte: decimal(first.priceOutPerByte),
    unit: 'nano',
  };
}
