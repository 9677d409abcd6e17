"""A batch of texts through the model: padding, positions, masks, and the logits that are wanted."""

from __future__ import annotations

from typing import Any

import torch

from .model import Opened


def padded(texts: list[list[int]], device: torch.device, left: bool = False) -> tuple[torch.Tensor, torch.Tensor]:
    """Token ids and attention mask, [B, T]."""
    longest = max(len(ids) for ids in texts)
    tokens = torch.zeros(len(texts), longest, dtype=torch.long)
    mask = torch.zeros(len(texts), longest, dtype=torch.long)
    for row, ids in enumerate(texts):
        place = slice(longest - len(ids), longest) if left else slice(0, len(ids))
        tokens[row, place] = torch.tensor(ids)
        mask[row, place] = 1
    return tokens.to(device), mask.to(device)


def logits_of(opened: Opened, tokens: torch.Tensor, mask: torch.Tensor, keep: torch.Tensor | int) -> torch.Tensor:
    """Logits [B, kept, V] at the positions `keep` (a number counts from the end), in float32."""
    return forward(opened, tokens, mask, keep).logits.float()


def forward(opened: Opened, tokens: torch.Tensor, mask: torch.Tensor, keep: torch.Tensor | int, **more: Any) -> Any:
    options: dict[str, Any] = {"use_cache": False, **more}
    if opened.takes_positions:
        positions = (mask.cumsum(-1) - 1).clamp(min=0)
        options["position_ids"] = positions[:, -tokens.shape[1] :]
    if opened.takes_keep:
        options["logits_to_keep"] = keep
    output = opened.model(input_ids=tokens, attention_mask=mask, **options)
    if not opened.takes_keep:
        output.logits = output.logits[:, -keep:] if isinstance(keep, int) else output.logits[:, keep]
    return output
