"""The same training step in PyTorch eager, for comparison: loss, gradients and time from the tensors that run.ts writes.

Usage: python reference.py FOLDER STEPS THREADS. Reads FOLDER/step.json and the raw files it names; writes FOLDER/d_*.bin
and prints one line of JSON. Needs requirements.txt; no part of Synod itself.
"""
import json
import resource
import sys
import time

import numpy
import torch
import torch.nn.functional as functional

folder, steps, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
torch.set_num_threads(threads)
with open(f"{folder}/step.json") as file:
    about = json.load(file)
shape = about["shape"]


def tensor(name, dims, kind=numpy.float32):
    return torch.from_numpy(numpy.fromfile(f"{folder}/{name}.bin", kind).reshape(dims))


weights = {name: tensor(name, dims) for name, dims in about["weights"].items()}
factors = {name: tensor(name, dims).requires_grad_(name in about["trained"]) for name, dims in about["factors"].items()}
# Padding is any token here: attention never looks ahead, and nothing of it is scored.
ids = torch.tensor([*about["ids"], 0])[torch.tensor(about["cells"])].reshape(about["rows"], about["columns"])
positions, targets = torch.tensor(about["spots"])[torch.tensor(about["positions"])], torch.tensor(about["targets"])
example_weights = torch.tensor(about["weightsOfTargets"])
heads, key_heads, size = shape["heads"], shape["keyValueHeads"], shape["headSize"]
cos, sin = (weights[f"rotary.{table}"][: about["columns"]] for table in ("cos", "sin"))


def normalise(x, name):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + shape["normEpsilon"]) * weights[name]


def rotate(x):
    first, second = x.chunk(2, -1)
    return torch.cat([first * cos - second * sin, second * cos + first * sin], -1)


def split(x, count):
    return x.reshape(about["rows"], about["columns"], count, size).transpose(1, 2)


def layer(x, i):
    y = normalise(x, f"layer{i}.attentionNorm")
    sizes = [heads * size, key_heads * size, key_heads * size]
    query, key, value = (y @ weights[f"layer{i}.queryKeyValue"].T).split(sizes, -1)
    query = query + (y @ factors["qA"][i]) @ factors["qB"][i]
    value = value + (y @ factors["vA"][i]) @ factors["vB"][i]
    key = rotate(split(key, key_heads))
    groups = heads // key_heads
    mixed = functional.scaled_dot_product_attention(
        rotate(split(query, heads)),
        key.repeat_interleave(groups, 1),
        split(value, key_heads).repeat_interleave(groups, 1),
        is_causal=True,
    )
    x = x + mixed.transpose(1, 2).reshape(x.shape[0], x.shape[1], -1) @ weights[f"layer{i}.attentionOutput"].T
    gate, up = (normalise(x, f"layer{i}.feedForwardNorm") @ weights[f"layer{i}.gateAndUp"].T).chunk(2, -1)
    return x + (functional.silu(gate) * up) @ weights[f"layer{i}.down"].T


def step():
    for factor in factors.values():
        factor.grad = None
    x = weights["embedding"][ids]
    for i in range(shape["layers"]):
        x = layer(x, i)
    chosen = normalise(x, "norm").reshape(-1, shape["hidden"])[positions]
    nll = functional.cross_entropy(chosen @ weights["embedding"].T, targets, reduction="none")
    loss = (nll * example_weights).sum()
    loss.backward()
    return loss.item()


times = []
for _ in range(steps):
    start = time.perf_counter()
    loss = step()
    times.append(1000 * (time.perf_counter() - start))
for name in about["trained"]:
    factors[name].grad.numpy().tofile(f"{folder}/d_{name}.bin")
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"loss": loss, "stepMs": times, "peakMiB": peak, "version": torch.__version__}))
