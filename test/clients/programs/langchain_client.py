# `langchain-openai`, unchanged: invoke, stream, abort, error, retry, structured output, vectors. Prints one JSON object.
# Arguments: URL of the node's /v1, URL of one that answers its first request with 503 without asking the node.
import json
import sys

from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from openai import APIStatusError

base, flaky = sys.argv[1], sys.argv[2]
chat = ChatOpenAI(base_url=base, api_key="any", model="synod/auto")
result = {}

answer = chat.invoke("Say something.")
result["whole"] = answer.content
result["cost"] = answer.response_metadata["token_usage"].get("cost")
result["tokens"] = answer.usage_metadata["total_tokens"]

streamed, total = "", 0
for chunk in chat.stream("Say something.", stream_usage=True):
    streamed += chunk.content
    total = chunk.usage_metadata["total_tokens"] if chunk.usage_metadata else total
result["streamed"], result["streamTokens"] = streamed, total

stream = chat.stream("Say something to nobody.")
next(stream)
stream.close()

try:
    ChatOpenAI(base_url=base, api_key="any", model="synod/astrology").invoke("hi")
    result["error"] = None
except APIStatusError as error:
    result["error"] = [error.status_code, error.code]

result["retried"] = ChatOpenAI(base_url=flaky, api_key="any", model="synod/auto").invoke("Say something.").content
schema = {
    "title": "reply",
    "description": "A reply.",
    "type": "object",
    "properties": {"answer": {"type": "string"}},
    "required": ["answer"],
}
result["structured"] = chat.with_structured_output(schema, method="json_schema").invoke("Say something.")
# Its own tokenizer is another model's: texts are to be sent as they are.
embeddings = OpenAIEmbeddings(base_url=base, api_key="any", model="synod/embed", check_embedding_ctx_length=False)
vectors = embeddings.embed_documents(["one", "two"])
result["vectors"] = [len(vectors), len(vectors[0]), isinstance(vectors[0][0], float)]
print(json.dumps(result))
