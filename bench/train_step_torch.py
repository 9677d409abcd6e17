"""The training step of bench/train-step.ts in PyTorch: same shapes, same operations, float32, eager, on the CPU.

Reads the sizes as JSON from its argument; prints one JSON line with the median time of a step in milliseconds.
"""
import json
import sys

import torch
import torch.nn.functional as F

from torch_timing import report

c = json.loads(sys.argv[1])
torch.set_num_threads(c["threads"])
torch.manual_seed(0)
B, T, W, H, D, HIDDEN, V, LAYERS = (
    c[k] for k in ("rows", "time", "width", "heads", "headDim", "hidden", "vocabSize", "layers")
)


class Layer(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1 = torch.nn.Parameter(torch.ones(W))
        self.norm2 = torch.nn.Parameter(torch.ones(W))
        self.qkv = torch.nn.Linear(W, 3 * H * D, bias=False)
        self.out = torch.nn.Linear(H * D, W, bias=False)
        self.gate_up = torch.nn.Linear(W, 2 * HIDDEN, bias=False)
        self.down = torch.nn.Linear(HIDDEN, W, bias=False)

    def forward(self, x, cos, sin, mask):
        q, k, v = self.qkv(rms(x, self.norm1)).view(B, T, 3, H, D).permute(2, 0, 3, 1, 4)
        scores = rotate(q, cos, sin) @ rotate(k, cos, sin).transpose(-1, -2) / D**0.5 + mask
        mixed = (scores.softmax(-1) @ v).transpose(1, 2).reshape(B, T, H * D)
        x = x + self.out(mixed)
        gate, up = self.gate_up(rms(x, self.norm2)).chunk(2, -1)
        return x + self.down(F.silu(gate) * up)


def rms(x, gain):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5) * gain


def rotate(x, cos, sin):
    a, b = x.chunk(2, -1)
    return torch.cat((a * cos - b * sin, b * cos + a * sin), -1)


class Decoder(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = torch.nn.Embedding(V, W)
        self.layers = torch.nn.ModuleList(Layer() for _ in range(LAYERS))
        self.norm = torch.nn.Parameter(torch.ones(W))
        angles = torch.arange(T)[:, None] * 10000 ** (-torch.arange(0, D, 2) / D)
        self.register_buffer("cos", angles.cos())
        self.register_buffer("sin", angles.sin())
        self.register_buffer("mask", torch.full((T, T), -1e9).triu(1))

    def forward(self, ids, targets):
        x = self.embedding(ids)
        for layer in self.layers:
            x = layer(x, self.cos, self.sin, self.mask)
        logits = rms(x, self.norm) @ self.embedding.weight.T
        return F.cross_entropy(logits.view(-1, V), targets.view(-1))


model = Decoder()
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=(0.9, 0.95), weight_decay=0.01)
ids = torch.randint(V, (B, T))
targets = torch.randint(V, (B, T))


def step():
    optimizer.zero_grad(set_to_none=True)
    loss = model(ids, targets)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return loss.item()


report(step, c["repeats"])
