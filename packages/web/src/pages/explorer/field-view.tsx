/** A field of a transaction or an event by what it is: linked where there is a page for it. */
import type { VNode } from 'preact';
import { Hash, pathTo, Syn } from '../../ui/values.tsx';
import type { Field } from './transaction-text.ts';

export function FieldView({ field: { label, value } }: { readonly field: Field }): VNode {
  switch (value.as) {
    case 'text':
      return <span>{value.text}</span>;
    case 'long':
      return <p class="prose">{value.text}</p>;
    case 'amount':
      return <Syn nano={value.nano} digits={9} />;
    case 'address':
      return <Hash text={value.address} what="address" to={pathTo.account(value.address)} />;
    case 'hash':
      return <Hash text={value.hash} what={label.toLowerCase()} />;
    case 'query':
      return <Hash text={value.queryId} what="query id" to={pathTo.query(value.queryId)} />;
  }
}
