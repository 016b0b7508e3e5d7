/** Between the two halves of the council: those who answer and those who judge and sign. */
import type { VNode } from 'preact';
import { Tabs } from '../../data/tabs.tsx';

export function MembersTabs({ current }: { readonly current: 'experts' | 'validators' }): VNode {
  return (
    <Tabs
      label="Members"
      items={[
        { key: 'experts', text: 'Experts', to: '/experts' },
        { key: 'validators', text: 'Validators', to: '/validators' },
      ]}
      current={current}
    />
  );
}
