"""The graph of a BERT encoder in ONNX, made from its weights alone, so that no torch is needed."""

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

Array = npt.NDArray[np.generic]

_OPSET = 17  # the first with LayerNormalization as one node
_IR_VERSION = 9
_DTYPES: dict[str, np.dtype[np.generic]] = {"F32": np.dtype(np.float32), "I64": np.dtype(np.int64)}
# Far below any attention score, yet its sum with one is finite in float32.
_MASKED = -34_000.0


def read_safetensors(path: Path) -> dict[str, Array]:
    """Read every tensor of a safetensors file (an 8-byte length, a JSON header, raw data)."""
    content = path.read_bytes()
    (header_bytes,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + header_bytes])
    start_of_data = 8 + header_bytes
    tensors: dict[str, Array] = {}
    for name, entry in header.items():
        if name != "__metadata__":
            start, end = entry["data_offsets"]
            dtype = _DTYPES[entry["dtype"]]
            count = (end - start) // dtype.itemsize
            flat = np.frombuffer(content, dtype, count, start_of_data + start)
            tensors[name] = flat.reshape(entry["shape"])
    return tensors


class _Graph:
    """Nodes and constants in the order in which they are needed."""

    def __init__(self, weights: dict[str, Array]) -> None:
        self.weights = weights
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, onnx.TensorProto] = {}

    def constant(self, name: str, values: npt.ArrayLike) -> str:
        if name not in self.constants:
            self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(values), name)
        return name

    def weight(self, name: str) -> str:
        return self.constant(name, self.weights[name])

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:
        output = f"{operator}_{len(self.nodes) + 1}"
        self.nodes.append(helper.make_node(operator, list(inputs), [output], name=output, **attributes))
        return output

    def linear(self, x: str, prefix: str) -> str:
        matrix = self.constant(f"{prefix}.weight_transposed", self.weights[f"{prefix}.weight"].T)
        return self.add("Add", self.add("MatMul", x, matrix), self.weight(f"{prefix}.bias"))

    def layer_norm(self, x: str, prefix: str, epsilon: float) -> str:
        scale, bias = self.weight(f"{prefix}.weight"), self.weight(f"{prefix}.bias")
        return self.add("LayerNormalization", x, scale, bias, axis=-1, epsilon=epsilon)


def build_encoder(weights: dict[str, Array], config: dict[str, float]) -> onnx.ModelProto:
    """Return the encoder: input_ids, attention_mask and token_type_ids to last_hidden_state.

    Inputs are int64 of shape (batch, tokens), the output float32 of (batch, tokens, hidden).
    config is the model's own config.json.
    """
    hidden, heads = int(config["hidden_size"]), int(config["num_attention_heads"])
    head_size, epsilon = hidden // heads, config["layer_norm_eps"]
    graph = _Graph(weights)
    to_heads = graph.constant("to_heads", np.array([0, 0, heads, head_size], np.int64))
    from_heads = graph.constant("from_heads", np.array([0, 0, hidden], np.int64))
    head_scale = graph.constant("head_scale", np.array(np.sqrt(head_size), np.float32))
    mask = _add_mask(graph)

    x = graph.layer_norm(_add_embeddings(graph), "embeddings.LayerNorm", epsilon)
    for number in range(int(config["num_hidden_layers"])):
        layer = f"encoder.layer.{number}"
        query, key, value = (
            graph.add("Reshape", graph.linear(x, f"{layer}.attention.self.{part}"), to_heads)
            for part in ("query", "key", "value")
        )
        query = graph.add("Transpose", query, perm=[0, 2, 1, 3])
        key = graph.add("Transpose", key, perm=[0, 2, 3, 1])
        value = graph.add("Transpose", value, perm=[0, 2, 1, 3])
        scores = graph.add("Div", graph.add("MatMul", query, key), head_scale)
        attention = graph.add("Softmax", graph.add("Add", scores, mask), axis=-1)
        mixed = graph.add("Transpose", graph.add("MatMul", attention, value), perm=[0, 2, 1, 3])
        attended = graph.linear(graph.add("Reshape", mixed, from_heads), f"{layer}.attention.output.dense")
        x = graph.layer_norm(graph.add("Add", attended, x), f"{layer}.attention.output.LayerNorm", epsilon)
        inner = _add_gelu(graph, graph.linear(x, f"{layer}.intermediate.dense"))
        outer = graph.linear(inner, f"{layer}.output.dense")
        x = graph.layer_norm(graph.add("Add", outer, x), f"{layer}.output.LayerNorm", epsilon)
    graph.nodes.append(helper.make_node("Identity", [x], ["last_hidden_state"]))
    return _finish(graph, hidden)


def _add_embeddings(graph: _Graph) -> str:
    tables = "embeddings.{}_embeddings.weight"
    words = graph.add("Gather", graph.weight(tables.format("word")), "input_ids", axis=0)
    types = graph.add("Gather", graph.weight(tables.format("token_type")), "token_type_ids", axis=0)
    zero = graph.constant("zero", np.array([0], np.int64))
    length = graph.add("Shape", "input_ids", start=1, end=2)
    positions = graph.add("Slice", graph.weight(tables.format("position")), zero, length, zero)
    return graph.add("Add", graph.add("Add", words, types), positions)


def _add_mask(graph: _Graph) -> str:
    """Add what turns the attention mask into 0 for a token and a large negative for padding."""
    axes = graph.constant("mask_axes", np.array([1, 2], np.int64))
    mask = graph.add("Unsqueeze", graph.add("Cast", "attention_mask", to=TensorProto.FLOAT), axes)
    inverse = graph.add("Sub", graph.constant("one", np.array(1, np.float32)), mask)
    return graph.add("Mul", inverse, graph.constant("masked", np.array(_MASKED, np.float32)))


def _add_gelu(graph: _Graph, x: str) -> str:
    """Add the exact GELU, x * (erf(x / sqrt 2) + 1) / 2."""
    root_two = graph.constant("root_two", np.array(np.sqrt(2), np.float32))
    error = graph.add("Erf", graph.add("Div", x, root_two))
    raised = graph.add("Add", error, graph.constant("one", np.array(1, np.float32)))
    return graph.add("Mul", graph.add("Mul", x, raised), graph.constant("half", np.array(0.5, np.float32)))


def _finish(graph: _Graph, hidden: int) -> onnx.ModelProto:
    names = ("input_ids", "attention_mask", "token_type_ids")
    inputs = [helper.make_tensor_value_info(n, TensorProto.INT64, ["batch", "tokens"]) for n in names]
    shape: list[str | int | None] = ["batch", "tokens", hidden]
    output = helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, shape)
    body = helper.make_graph(graph.nodes, "encoder", inputs, [output], list(graph.constants.values()))
    model = helper.make_model(body, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR_VERSION)
    onnx.checker.check_model(model)
    return model
