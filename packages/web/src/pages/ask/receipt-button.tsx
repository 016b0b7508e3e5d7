/** Downloads the receipt of a query as the file that proves it to anybody without a node (synod verify receipt). */
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { callRpc } from '../../api/client.ts';
import { problemOf } from '../../api/problem.ts';
import { Icon } from '../../ui/icon.tsx';

export function ReceiptButton({ queryId }: { readonly queryId: string }): VNode {
  const [failure, setFailure] = useState<string | null>(null);
  const download = async () => {
    try {
      const proof = await callRpc('query_getReceipt', { queryId });
      saveJson(`synod-receipt-${queryId.slice(2, 10)}.json`, proof);
      setFailure(null);
    } catch (error) {
      setFailure(problemOf(error).what);
    }
  };
  return (
    <>
      <button
        type="button"
        class="icon-button"
        aria-label="Download the receipt"
        title="Download the receipt: a file that proves it without any node"
        onClick={download}
      >
        <Icon name="download" />
      </button>
      {failure !== null && (
        <span role="alert" class="field__problem">
          {failure}
        </span>
      )}
    </>
  );
}

/** Hands a value to the browser as a file. */
export function saveJson(name: string, value: unknown): void {
  const url = URL.createObjectURL(new Blob([JSON.stringify(value, null, 2)], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1_000);
}
