/** Writes a graph as an ONNX ModelProto (onnx/onnx.proto, IR version 8), keeping only what its outputs need. */
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { outputsOf, reachable } from "./reachable.js";
import type { AttributeValue, DataType, Graph, Node, Value } from "./graph.js";

const ELEMENT_TYPE: Record<DataType, number> = { float32: 1, int32: 6, int64: 7, bool: 9, float16: 10 };
const IR_VERSION = 8;
const OPSET = 17;
const MICROSOFT_OPSET = 1;

/** What a run takes and gives: ONNX names beside the names that callers use. */
export interface Signature {
  readonly feeds: readonly TensorSpec[];
  readonly state: readonly TensorSpec[];
  readonly fetches: readonly (TensorSpec & { readonly output: string })[];
  /** `inPlace`: the next value may be written over the present one. */
  readonly updates: readonly (TensorSpec & { readonly output: string; readonly inPlace: boolean })[];
  /** `name` and `shape` are the state's, `size` is how many positions are written, from the feed `at`. */
  readonly appends: readonly (TensorSpec & { readonly output: string; readonly size: number; readonly at: string })[];
}

export interface TensorSpec {
  readonly name: string;
  readonly type: DataType;
  readonly shape: readonly number[];
}

export interface SerializedGraph {
  readonly model: Uint8Array;
  readonly signature: Signature;
  readonly nodes: number;
}

export function serialize(graph: Graph): SerializedGraph {
  const { nodes, used } = reachable(graph, outputsOf(graph));
  // An output must be made by a node of its own: pass-through values and doubles get an Identity.
  const identities: Node[] = [];
  const taken = new Set<string>();
  const made = new Set(nodes.flatMap((node) => node.outputs.map((output) => output.name)));
  const outputName = (value: Value): string => {
    if (made.has(value.name) && !taken.has(value.name)) {
      taken.add(value.name);
      return value.name;
    }
    const copy = graph.value(value.type, value.shape);
    identities.push({ operator: "Identity", domain: "", inputs: [value], outputs: [copy], attributes: {} });
    return copy.name;
  };
  const spec = (name: string, value: Value): TensorSpec => ({ name, type: value.type, shape: value.shape });
  const overwrites = inPlaceUpdates(nodes);
  const positions = new Set([...graph.appends.values()].map(({ at }) => at.name));
  const signature: Signature = {
    feeds: [...graph.feeds.values()]
      .filter((value) => used.has(value.name) || positions.has(value.name))
      .map((value) => spec(value.name, value)),
    state: [...graph.state.values()].filter((value) => used.has(value.name)).map((value) => spec(value.name, value)),
    fetches: [...graph.fetches].map(([name, value]) => ({ ...spec(name, value), output: outputName(value) })),
    updates: [...graph.updates].map(([name, value]) => {
      const output = outputName(value);
      return { ...spec(name, value), output, inPlace: output === value.name && overwrites(name, value) };
    }),
    appends: [...graph.appends].map(([name, { value, at }]) => ({
      ...spec(name, graph.state.get(name) as Value),
      output: outputName(value),
      size: value.shape[2] as number,
      at: at.name,
    })),
  };

  const all = [...nodes, ...identities];
  const body = new BinaryWriter();
  for (const node of all) message(body, 1, (w) => writeNode(w, node));
  body.tag(2, WireType.LengthDelimited).string("askew");
  for (const { value, data } of graph.constants) {
    if (!used.has(value.name)) continue;
    message(body, 5, (w) => {
      for (const size of value.shape) w.tag(1, WireType.Varint).int64(size);
      w.tag(2, WireType.Varint).int32(ELEMENT_TYPE[value.type]);
      w.tag(8, WireType.LengthDelimited).string(value.name);
      w.tag(9, WireType.LengthDelimited).bytes(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    });
  }
  for (const tensor of [...signature.feeds, ...signature.state].filter(({ name }) => used.has(name)))
    message(body, 11, (w) => writeTensorInfo(w, tensor.name, tensor));
  for (const tensor of [...signature.fetches, ...signature.updates])
    message(body, 12, (w) => writeTensorInfo(w, tensor.output, tensor));
  for (const { name, output } of signature.appends) {
    const { value } = graph.appends.get(name) as { value: Value };
    message(body, 12, (w) => writeTensorInfo(w, output, spec(output, value)));
  }

  const model = new BinaryWriter();
  model.tag(1, WireType.Varint).int64(IR_VERSION);
  model.tag(2, WireType.LengthDelimited).string("askew");
  model.tag(7, WireType.LengthDelimited).bytes(body.finish());
  for (const [domain, version] of [
    ["", OPSET],
    ["com.microsoft", MICROSOFT_OPSET],
  ] as const) {
    message(model, 8, (w) => {
      w.tag(1, WireType.LengthDelimited).string(domain);
      w.tag(2, WireType.Varint).int64(version);
    });
  }
  return { model: model.finish(), signature, nodes: all.length };
}

/** Operators that read an element of their inputs before they write the same element of their output. */
const ELEMENTWISE: ReadonlySet<string> = new Set(["Add", "Sub", "Mul", "Div"]);

/**
 * Tells whether a state's next value may be written over the state: where every node that reads the state must have run
 * before the one that makes the next value, or is that one and goes element by element.
 */
function inPlaceUpdates(nodes: readonly Node[]): (state: string, next: Value) => boolean {
  const makers = new Map(nodes.flatMap(({ outputs }, at) => outputs.map(({ name }) => [name, at] as const)));
  const before = nodes.map(({ inputs }) => inputs.flatMap((input) => makers.get(input?.name ?? "") ?? []));
  const readers = new Map<string, number[]>();
  for (const [at, { inputs }] of nodes.entries()) {
    for (const input of inputs) {
      if (input === undefined || makers.has(input.name)) continue;
      const known = readers.get(input.name);
      if (known) known.push(at);
      else readers.set(input.name, [at]);
    }
  }
  return (state, next) => {
    const maker = makers.get(next.name);
    if (maker === undefined) return false;
    const earlier = new Uint8Array(nodes.length);
    const open = [...(before[maker] as number[])];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (earlier[at] === 1) continue;
      earlier[at] = 1;
      open.push(...(before[at] as number[]));
    }
    const isElementwise = ELEMENTWISE.has((nodes[maker] as Node).operator);
    return (readers.get(state) ?? []).every((at) => earlier[at] === 1 || (at === maker && isElementwise));
  };
}

function message(writer: BinaryWriter, field: number, write: (writer: BinaryWriter) => void): void {
  writer.tag(field, WireType.LengthDelimited).fork();
  write(writer);
  writer.join();
}

function writeNode(w: BinaryWriter, node: Node): void {
  for (const input of node.inputs) w.tag(1, WireType.LengthDelimited).string(input?.name ?? "");
  for (const output of node.outputs) w.tag(2, WireType.LengthDelimited).string(output.name);
  w.tag(3, WireType.LengthDelimited).string(`${node.operator}:${node.outputs[0]?.name ?? ""}`);
  w.tag(4, WireType.LengthDelimited).string(node.operator);
  for (const [name, value] of Object.entries(node.attributes)) message(w, 5, (a) => writeAttribute(a, name, value));
  if (node.domain) w.tag(7, WireType.LengthDelimited).string(node.domain);
}

function writeAttribute(w: BinaryWriter, name: string, value: AttributeValue): void {
  w.tag(1, WireType.LengthDelimited).string(name);
  const kind = (type: number): unknown => w.tag(20, WireType.Varint).int32(type);
  if (typeof value === "number") {
    w.tag(3, WireType.Varint).int64(value);
    kind(2);
  } else if (typeof value === "string") {
    w.tag(4, WireType.LengthDelimited).bytes(new TextEncoder().encode(value));
    kind(3);
  } else if ("float" in value) {
    w.tag(2, WireType.Bit32).float(value.float);
    kind(1);
  } else {
    for (const item of value) w.tag(8, WireType.Varint).int64(item);
    kind(7);
  }
}

function writeTensorInfo(w: BinaryWriter, name: string, tensor: TensorSpec): void {
  w.tag(1, WireType.LengthDelimited).string(name);
  message(w, 2, (type) =>
    message(type, 1, (t) => {
      t.tag(1, WireType.Varint).int32(ELEMENT_TYPE[tensor.type]);
      message(t, 2, (shape) => {
        for (const size of tensor.shape) message(shape, 1, (d) => d.tag(1, WireType.Varint).int64(size));
      });
    }),
  );
}
