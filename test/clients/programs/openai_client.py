# The `openai` package, unchanged: chat, stream, abort, error, retry, vectors, models. Prints one JSON object.
# Arguments: URL of the node's /v1, URL of one that answers its first request with 503 without asking the node.
import json
import sys

from openai import APIStatusError, AuthenticationError, NotFoundError, OpenAI

base, flaky = sys.argv[1], sys.argv[2]
client = OpenAI(base_url=base, api_key="any")
messages = [{"role": "user", "content": "Say something."}]
ask = lambda **more: client.chat.completions.create(model="synod/auto", messages=messages, **more)

result = {"models": [model.id for model in client.models.list()], "model": client.models.retrieve("synod/auto").id}

whole = ask(n=2, temperature=0.5, seed=1)
result["whole"] = [choice.message.content for choice in whole.choices]
result["receipt"] = whole.model_extra.get("x_receipt")
result["cost"] = whole.usage.model_extra.get("cost")

streamed, usage, receipt = "", None, None
for chunk in ask(stream=True, stream_options={"include_usage": True}):
    receipt = (chunk.model_extra or {}).get("x_receipt") or receipt
    usage = chunk.usage or usage
    if chunk.choices:
        streamed += chunk.choices[0].delta.content or ""
result["streamed"], result["streamReceipt"] = streamed, receipt
result["streamUsage"] = usage is not None and usage.total_tokens > 0

result["object"] = json.loads(ask(response_format={"type": "json_object"}).choices[0].message.content)

raw = client.chat.completions.with_raw_response.create(model="synod/auto", messages=messages, stream=True)
result["aborted"] = raw.headers["x-synod-query-id"]
raw.parse().close()


def code_of(call):
    try:
        call()
        return None
    except APIStatusError as error:
        return [error.status_code, error.code]


result["unknownModel"] = code_of(lambda: client.chat.completions.create(model="synod/astrology", messages=messages))
result["tools"] = code_of(lambda: ask(tools=[{"type": "function", "function": {"name": "f", "parameters": {}}}]))
wrong = OpenAI(base_url=base, api_key="sk-synod-00")
result["wrongKey"] = code_of(lambda: wrong.chat.completions.create(model="synod/auto", messages=messages))

again = OpenAI(base_url=flaky, api_key="any")
result["retried"] = again.chat.completions.create(model="synod/auto", messages=messages).choices[0].message.content

vectors = client.embeddings.create(model="synod/embed", input=["one", "two"])
result["vectors"] = [len(vectors.data), len(vectors.data[0].embedding), isinstance(vectors.data[0].embedding[0], float)]
print(json.dumps(result))
