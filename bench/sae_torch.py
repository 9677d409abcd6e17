"""The TopK training step of bench/sae.ts in PyTorch: same shapes, same operations, float32, eager, on the CPU.

Reads the sizes as JSON from its argument; prints one JSON line with the median time of a step in milliseconds.
"""
import json
import sys

import torch

from torch_timing import report

c = json.loads(sys.argv[1])
torch.set_num_threads(c["threads"])
torch.manual_seed(0)
N, W, S, K = (c[key] for key in ("batch", "width", "size", "k"))

decoder = torch.nn.functional.normalize(torch.randn(S, W), dim=1).requires_grad_()
encoder = decoder.detach().T.contiguous().requires_grad_()
encoder_bias = torch.zeros(S, requires_grad=True)
decoder_bias = torch.zeros(W, requires_grad=True)
trained = [encoder, encoder_bias, decoder, decoder_bias]
optimizer = torch.optim.Adam(trained, lr=1e-3, betas=(0.9, 0.999))
idle = torch.zeros(S)
x = torch.randn(N, W)


def step():
    global idle
    optimizer.zero_grad(set_to_none=True)
    before = torch.addmm(encoder_bias - decoder_bias @ encoder, x, encoder)
    least = before.topk(K, dim=1, sorted=False).values.amin(1, keepdim=True)
    active = torch.where(before >= least.clamp(min=1e-6), before, 0)
    loss = (x - active @ decoder - decoder_bias).square().mean()
    loss.backward()
    with torch.no_grad():
        decoder.grad.sub_(decoder * (decoder.grad * decoder).sum(1, keepdim=True))
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        decoder.div_(decoder.norm(dim=1, keepdim=True))
        idle = (idle + N) * (encoder_bias.grad == 0)
    return loss.item()


report(step, c["repeats"])
