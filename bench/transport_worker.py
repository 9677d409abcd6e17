"""
The worker with layers that cost nothing: what is left of reading activations is their way to askew. With `floor BYTES`
it only writes so many bytes, the least that a pipe between two processes takes.
"""

import os
import sys
from pathlib import Path
from types import SimpleNamespace

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "python"))


def floor(count: int) -> None:
    piece = memoryview(bytes(2**20))
    for _ in sys.stdin:
        left = count
        while left > 0:
            left -= os.write(1, piece[: min(left, len(piece))])


def serve(layers: int, width: int) -> None:
    import torch
    from torch import nn

    from askew_torch import ranks, serve

    torch.set_num_threads(1)

    class Free(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embeddings = nn.Embedding(16, width)
            self.layers = nn.ModuleList([nn.Identity() for _ in range(layers)])
            self.stream = torch.randn(32, 512, width)

        def get_input_embeddings(self) -> nn.Module:
            return self.embeddings

        def forward(self, input_ids: torch.Tensor, **_more: object) -> SimpleNamespace:
            rows, length = input_ids.shape
            x = self.stream[:rows, :length]
            for layer in self.layers:
                x = layer(x)
            return SimpleNamespace(logits=torch.zeros(rows, 1, 16))

    # askew sends the worker's modules first; these are the ones on disk.
    size = int.from_bytes(sys.stdin.buffer.read(4), "little")
    sys.stdin.buffer.read(size)
    model = Free()
    source, target = serve.pipe()
    server = serve.Server(source, target, ranks.Ranks())
    server._calling._opened = SimpleNamespace(
        model=model,
        layers=model.layers,
        text_config=SimpleNamespace(hidden_size=width),
        input_device=torch.device("cpu"),
        takes_positions=False,
        takes_keep=True,
    )
    server.run()


print("process", os.getpid(), file=sys.stderr, flush=True)
if sys.argv[1] == "floor":
    floor(int(sys.argv[2]))
else:
    serve(int(sys.argv[2]), int(sys.argv[3]))
