"""Training steps of all weights or of a LoRA adapter (PEFT), and what goes in and out of the weights."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import torch
from torch import nn

from .call import Call, Portions, answered_of, weights_of
from .errors import Refusal
from .forward import forward, padded
from .frames import DTYPES
from .model import Opened, parameters_of, replace
from .ranks import Ranks
from .steering import Residual, interventions_of

# As in every engine of askew.
ADAMW = {"beta1": 0.9, "beta2": 0.95, "epsilon": 1e-8, "weightDecay": 0.01, "clip": 1.0}
# Bytes of weights of which a copy is kept in memory, for models that begin again and again.
SMALL = 2**28


class Trainer:
    """One optimiser over one set of weights: the model's own, or an adapter's."""

    def __init__(self, parameters: dict[str, nn.Parameter], options: dict[str, float], is_adapter: bool) -> None:
        self.parameters = parameters
        self.is_adapter = is_adapter
        self.step = 0
        self._clip = options["clip"]
        self._fused = all(p.device.type in ("cpu", "cuda") for p in parameters.values())
        decayed = [p for p in parameters.values() if p.dim() >= 2]
        others = [p for p in parameters.values() if p.dim() < 2]
        groups = [{"params": decayed, "weight_decay": options["weightDecay"]}, {"params": others, "weight_decay": 0.0}]
        self._optimiser = torch.optim.AdamW(
            [group for group in groups if group["params"]],
            lr=0.0,
            betas=(options["beta1"], options["beta2"]),
            eps=options["epsilon"],
            # One pass over each tensor in place of ten.
            fused=self._fused,
        )

    def zero(self) -> None:
        self._optimiser.zero_grad(set_to_none=True)

    def move(self, rate: float) -> float:
        """Clips and takes the step; returns the gradient's norm before clipping."""
        norm = nn.utils.clip_grad_norm_(self.parameters.values(), self._clip)
        for group in self._optimiser.param_groups:
            group["lr"] = rate
        self._optimiser.step()
        self.zero()
        self.step += 1
        return float(norm)

    def tensors(self) -> Iterator[tuple[str, torch.Tensor]]:
        """What is trained and its two moments, in float32."""
        for name, parameter in self.parameters.items():
            state = self._optimiser.state.get(parameter, {})
            yield f"p.{name}", parameter.float()
            for kind, key in (("m", "exp_avg"), ("v", "exp_avg_sq")):
                yield f"{kind}.{name}", state[key].float() if key in state else torch.zeros(parameter.shape)

    @torch.no_grad()
    def restore(self, step: int, tensors: dict[str, torch.Tensor]) -> None:
        for name, parameter in self.parameters.items():
            parameter.copy_(tensors[f"p.{name}"].reshape(parameter.shape))
            self._optimiser.state[parameter] = {
                "step": torch.tensor(float(step), device=parameter.device if self._fused else "cpu"),
                "exp_avg": tensors[f"m.{name}"].reshape(parameter.shape).to(parameter.device, parameter.dtype, copy=True),
                "exp_avg_sq": tensors[f"v.{name}"].reshape(parameter.shape).to(parameter.device, parameter.dtype, copy=True),
            }
        self.step = step


class Training:
    """The weights of one model, with at most two adapters beside them: `own`, which it is used with, and `beside`."""

    def __init__(self, opened: Opened, adamw: dict[str, float], ranks: Ranks) -> None:
        self._opened = opened
        self._ranks = ranks
        self._adamw = {**ADAMW, **adamw}
        self._adapters: dict[str, dict[str, Any]] = {}
        self._trainers: dict[str, Trainer] = {}
        # Which adapter the model computes with, and what last learned: to set either walks all modules.
        self._used: str | None = None
        self._learner: Trainer | None = None
        self._snapshot: dict[str, torch.Tensor] | None = None
        self._staged: dict[str, torch.Tensor] = {}
        bytes_of_weights = sum(p.numel() * p.element_size() for p in opened.model.parameters())
        if bytes_of_weights <= SMALL and not opened.four_bit:
            self._snapshot = {name: p.detach().cpu().clone() for name, p in parameters_of(opened.model).items()}

    # Adapters.

    def add_adapter(self, name: str, lora: dict[str, Any]) -> None:
        """A fresh one; its A is put in by `set_adapter`, and its B is zero."""
        # Only who trains an adapter waits for it.
        import peft

        config = peft.LoraConfig(
            r=lora["rank"],
            lora_alpha=lora["alpha"],
            use_rslora=lora["rankStabilized"],
            target_modules=lora["modules"],
            lora_dropout=0.0,
            bias="none",
        )
        peft.inject_adapter_in_model(config, self._opened.model, adapter_name=name)
        self._adapters[name] = lora
        self._trainers.pop(name, None)
        for parameter in self._adapter_parameters(name).values():
            parameter.data = parameter.data.float()
        self._adapters_changed()

    def _adapters_changed(self) -> None:
        self._used = None
        self.use("own")

    def use(self, name: str) -> None:
        """The adapter that the model has from now on; none where there is no such."""
        if self._used == name:
            return
        self._used = name
        # PEFT freezes what it switches off.
        self._learner = None
        for layer in self._tuned().values():
            if name in self._adapters:
                layer.enable_adapters(True)
                layer.set_adapter(name)
            else:
                layer.enable_adapters(False)

    def drop_adapter(self, name: str) -> None:
        if self._adapters.pop(name, None) is None:
            return
        self._trainers.pop(name, None)
        for layer in self._tuned().values():
            layer.delete_adapter(name)
        if not self._adapters:
            self._unwrap()
        self._adapters_changed()

    def _unwrap(self) -> None:
        for path, module in self._tuned().items():
            parent, _, last = path.rpartition(".")
            setattr(self._opened.model.get_submodule(parent), last, module.get_base_layer())

    def _tuned(self) -> dict[str, Any]:
        """PEFT's layers, by the names of those that they stand for."""
        if not self._adapters and "peft" not in sys.modules:
            return {}
        from peft.tuners.tuners_utils import BaseTunerLayer

        return {name: m for name, m in self._opened.model.named_modules() if isinstance(m, BaseTunerLayer)}

    def _adapter_parameters(self, name: str) -> dict[str, nn.Parameter]:
        """`MODULE.a` [rank, in] and `MODULE.b` [out, rank]."""
        found = {}
        for path, module in self._tuned().items():
            if name in module.lora_A:
                found[f"{path}.a"] = module.lora_A[name].weight
                found[f"{path}.b"] = module.lora_B[name].weight
        return found

    @torch.no_grad()
    def set_adapter(self, name: str, tensors: dict[str, torch.Tensor]) -> None:
        """Starts the adapter anew from these A; B becomes zero."""
        for key, parameter in self._adapter_parameters(name).items():
            if key.endswith(".b"):
                parameter.zero_()
            else:
                parameter.copy_(tensors[key])
        self._trainers.pop(name, None)

    def adapter(self, name: str) -> Iterator[tuple[str, torch.Tensor]]:
        for key, parameter in self._adapter_parameters(name).items():
            yield key, parameter.float()

    def _require_plain(self) -> None:
        if self._opened.four_bit:
            raise Refusal("quantise", "a base in 4 bits is not changed: train an adapter (--lora), which is saved with it merged")

    @torch.no_grad()
    def merge(self, name: str) -> None:
        """Adds the adapter to the weights, for good. An adapter of the model's own goes first."""
        self._require_plain()
        for other in dict.fromkeys(["own", name]):
            if other not in self._adapters:
                continue
            for layer in self._tuned().values():
                if other in layer.lora_A:
                    weight = layer.get_base_layer().weight
                    weight.add_(layer.get_delta_weight(other).to(weight.device, weight.dtype))
        self._trainers.pop("own", None)

    @torch.no_grad()
    def add(self, scale: float, tensors: dict[str, torch.Tensor]) -> None:
        """Adds an adapter's product to the weights: `MODULE.a` and `MODULE.b`."""
        self._require_plain()
        own = parameters_of(self._opened.model)
        for key in [key for key in tensors if key.endswith(".a")]:
            module = key.removesuffix(".a")
            weight = own[f"{module}.weight"]
            term = scale * (tensors[f"{module}.b"].to(weight.device).float() @ tensors[key].to(weight.device).float())
            weight.copy_((weight.float() + term).to(weight.dtype))
        self._trainers.pop("own", None)

    # Weights.

    def stage(self, tensors: dict[str, torch.Tensor]) -> None:
        """Keeps tensors that come in several frames, for the call that needs them."""
        self._staged.update(tensors)

    def staged(self) -> dict[str, torch.Tensor]:
        taken, self._staged = self._staged, {}
        return taken

    def load(self, tensors: dict[str, torch.Tensor] | None) -> None:
        """Weights in place of the model's; by default those that it was opened with. Moments are forgotten."""
        if tensors is None and self._opened.four_bit:
            return
        self._require_plain()
        if tensors is None:
            tensors = self._snapshot or {n: p.detach() for n, p in parameters_of(self._opened.fresh(False)).items()}
        replace(self._opened.model, tensors)
        self._trainers.pop("own", None)

    @torch.no_grad()
    def weights(self, call: Call) -> None:
        """All weights, the model's own adapter merged in: first their names and shapes, then the tensors in that order."""
        own = parameters_of(self._opened.fresh(False) if self._opened.four_bit else self._opened.model)
        names = sorted(own)
        deltas = {
            f"{path}.weight": module
            for path, module in self._tuned().items()
            if "own" in module.lora_A
        }
        listed = [[name, DTYPES[own[name].dtype], list(own[name].shape)] for name in names]
        call.event({"weights": listed})

        def each() -> Iterator[tuple[str, torch.Tensor]]:
            for name in names:
                weight = own[name]
                if name in deltas:
                    delta = deltas[name].get_delta_weight("own").to(weight.device)
                    weight = (weight.float() + delta.float()).to(weight.dtype)
                yield name, weight

        call.parts(each())

    # Steps.

    def _trainer(self, name: str) -> Trainer:
        trainer = self._trainers.get(name)
        if trainer is None:
            is_adapter = name in self._adapters
            if not is_adapter:
                self._require_plain()
                self._widen()
            parameters = self._adapter_parameters(name) if is_adapter else parameters_of(self._opened.model)
            trainer = self._trainers[name] = Trainer(parameters, self._adamw, is_adapter)
        return trainer

    def _widen(self) -> None:
        """All weights are trained in float32; on a GPU, products are taken in the model's own format."""
        if any(p.dtype != torch.float32 for p in self._opened.model.parameters()):
            self._opened.model.float()

    @contextmanager
    def _learning(self, name: str, trainer: Trainer, recompute: bool) -> Iterator[None]:
        model = self._opened.model
        self.use(name)
        if self._learner is not trainer:
            for parameter in model.parameters():
                parameter.requires_grad_(False)
            for parameter in trainer.parameters.values():
                parameter.requires_grad_(True)
            self._learner = trainer
        if recompute:
            model.gradient_checkpointing_enable({"use_reentrant": False})
            model.train()
        half = self._opened.dtype != torch.float32 and not trainer.is_adapter
        kind = self._opened.input_device.type
        try:
            with torch.autocast(kind, dtype=self._opened.dtype) if half else nullcontext():
                yield
        finally:
            if recompute:
                model.gradient_checkpointing_disable()
                model.eval()
            self.use("own")

    def train(self, call: Call) -> dict[str, Any]:
        header = call.header
        name: str = header["of"]
        trainer = self._trainer(name)
        rows = call.texts("rows")
        answered = answered_of(call.tensors["rows.answered"], rows)
        weights = weights_of(call.tensors.get("rows.weights"), rows, answered)
        total = sum(len(places) for places in answered)
        # Rows of which nothing is learned only cost time.
        learned = self._ranks.share([i for i in range(len(rows)) if answered[i]])
        portions = Portions(call, max(1, header["rows"]), "training")
        residual = Residual(self._opened.layers, interventions_of(header, call.tensors))
        with self._learning(name, trainer, header["recompute"]):
            failed: BaseException | None = None
            loss, divergence = 0.0, None
            try:
                while True:
                    trainer.zero()
                    try:
                        loss, divergence = self._gradients(
                            call, residual, rows, answered, weights, learned, total, portions.rows
                        )
                        break
                    except (torch.OutOfMemoryError, RuntimeError) as error:
                        trainer.zero()
                        portions.halve(error, min(portions.rows, len(learned)))
            except Exception as error:
                failed = error
            # Nobody adds up what one of them does not have.
            self._ranks.agree(failed)
            (loss,) = self._ranks.add_up(trainer.parameters.values(), [loss])
            norm = trainer.move(header["learningRate"])
        found = {"loss": _number(loss), "gradientNorm": _number(norm), "tokens": total, "step": trainer.step}
        return found if divergence is None else {**found, "divergence": _number(divergence)}

    def _gradients(
        self,
        call: Call,
        residual: Residual,
        rows: list[list[int]],
        answered: list[list[int]],
        weights: list[list[float]] | None,
        learned: list[int],
        total: int,
        size: int,
    ) -> tuple[float, float | None]:
        loss = 0.0
        for start in range(0, len(learned), size):
            call.check()
            part = learned[start : start + size]
            with residual():
                logits, targets = self._foretold([rows[i] for i in part], [answered[i] for i in part])
            if weights is None:
                own = nn.functional.cross_entropy(logits, targets, reduction="sum") / total
            else:
                each = torch.tensor([weight for i in part for weight in weights[i]], device=logits.device)
                own = (nn.functional.cross_entropy(logits, targets, reduction="none") * each).sum() / total
            own.backward()
            loss += float(own.detach())
        return loss, self._held(call) if self._ranks.is_first else None

    def _held(self, call: Call) -> float | None:
        """The divergence from stored distributions, whose gradient counts `referenceWeight` times."""
        weight = call.header["referenceWeight"]
        if weight is None:
            return None
        rows = call.texts("reference")
        answered = answered_of(call.tensors["reference.answered"], rows)
        logits, _ = self._foretold(rows, answered)
        stored = call.tensors["reference.logProbabilities"].reshape(logits.shape).to(logits.device)
        divergence = (stored.exp() * (stored - logits.log_softmax(-1))).sum(-1).mean()
        (weight * divergence).backward()
        return float(divergence.detach())

    def _foretold(self, rows: list[list[int]], answered: list[list[int]]) -> tuple[torch.Tensor, torch.Tensor]:
        """Logits [n, V] where the answered tokens are foretold, and these tokens, row by row."""
        tokens, mask = padded(rows, self._opened.input_device)
        columns = sorted({place for places in answered for place in places})
        at = {column: index for index, column in enumerate(columns)}
        keep = torch.tensor(columns, device=tokens.device)
        logits = forward(self._opened, tokens, mask, keep).logits
        row = [r for r, places in enumerate(answered) for _ in places]
        column = [at[place] for places in answered for place in places]
        targets = [rows[r][place + 1] for r, places in enumerate(answered) for place in places]
        chosen = logits[row, column].float()
        return chosen, torch.tensor(targets, device=chosen.device)

    def step_of(self, name: str) -> int:
        trainer = self._trainers.get(name)
        return trainer.step if trainer is not None else 0

    def checkpoint(self, name: str) -> Iterator[tuple[str, torch.Tensor]]:
        return self._trainer(name).tensors()

    def restore(self, name: str, step: int, tensors: dict[str, torch.Tensor]) -> None:
        self._trainer(name).restore(step, tensors)


def _number(value: float) -> float | None:
    """JSON has no word for what is no number."""
    return value if math.isfinite(value) else None
