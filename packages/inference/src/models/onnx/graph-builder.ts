/**
 * Builds an ONNX graph node by node. Owns names, constants and attribute kinds; the graphs themselves are in graphs/.
 */
import {
  type AttributeMessage,
  CONTRIB_DOMAIN,
  encodeModel,
  type InitialiserMessage,
  type NodeMessage,
  TENSOR_TYPE_CODE,
  type TensorType,
  type ValueMessage,
} from './schema.ts';
import type { StoredTensor } from './weight-file.ts';

/** A number is an integer attribute; floats are marked because JavaScript cannot tell 1 from 1.0. */
export type Attribute = number | readonly number[] | { readonly float: number };

/** A dimension is a size, or a name where the size may change between runs. */
export type Dimension = number | string;

export type NodeOptions = {
  /** Names of the outputs; '' leaves out an optional one. Default: one output with a fresh name. */
  readonly outputs?: readonly string[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
};

/**
 * Collects nodes, initialisers, inputs and outputs. Values are referred to by name, and every method that makes a value
 * returns its name, so graphs read as nested expressions.
 */
export class GraphBuilder {
  readonly #name: string;
  readonly #nodes: NodeMessage[] = [];
  readonly #initialisers = new Map<string, InitialiserMessage>();
  readonly #inputs: ValueMessage[] = [];
  readonly #outputs: ValueMessage[] = [];

  constructor(name: string) {
    this.#name = name;
  }

  /** Declares a graph input. */
  input(name: string, type: TensorType, dims: readonly Dimension[]): string {
    this.#inputs.push(valueMessage(name, type, dims));
    return name;
  }

  /** Declares the value `name` as a graph output. */
  output(name: string, type: TensorType, dims: readonly Dimension[]): void {
    this.#outputs.push(valueMessage(name, type, dims));
  }

  /** Adds a standard operator and returns the name of its first output. */
  node(operator: string, inputs: readonly string[], options: NodeOptions = {}): string {
    return this.#add('', operator, inputs, options);
  }

  /** Adds an operator of onnxruntime's own domain and returns the name of its first output. */
  contrib(operator: string, inputs: readonly string[], options: NodeOptions = {}): string {
    return this.#add(CONTRIB_DOMAIN, operator, inputs, options);
  }

  /** Uses a tensor of a weight file; using it twice stores one reference. */
  stored(tensor: StoredTensor): string {
    this.#initialisers.set(tensor.name, {
      name: tensor.name,
      dataType: TENSOR_TYPE_CODE[tensor.type],
      dims: tensor.dims,
      dataLocation: 1,
      externalData: [
        { key: 'location', value: tensor.location },
        { key: 'offset', value: String(tensor.offset) },
        { key: 'length', value: String(tensor.bytes) },
      ],
    });
    return tensor.name;
  }

  /** Puts a tensor inside the graph file. `data` is not copied until the graph is encoded. */
  inline(name: string, type: TensorType, dims: readonly number[], data: ArrayBufferView): string {
    const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.#initialisers.set(name, { name, dataType: TENSOR_TYPE_CODE[type], dims, rawData });
    return name;
  }

  /** A constant list of integers, kept once however often it is asked for. */
  integers(...values: readonly number[]): string {
    return this.inline(`int64[${values.join()}]`, 'int64', [values.length], BigInt64Array.from(values, BigInt));
  }

  /** A constant integer without dimensions. */
  integer(value: number): string {
    return this.inline(`int64(${value})`, 'int64', [], BigInt64Array.of(BigInt(value)));
  }

  /** A constant float without dimensions. */
  float(value: number): string {
    return this.inline(`float(${value})`, 'float32', [], Float32Array.of(value));
  }

  /** The bytes of the .onnx file. */
  encode(): Uint8Array {
    return encodeModel({
      name: this.#name,
      node: this.#nodes,
      initializer: [...this.#initialisers.values()],
      input: this.#inputs,
      output: this.#outputs,
    });
  }

  #add(domain: string, opType: string, input: readonly string[], options: NodeOptions): string {
    const name = `node${this.#nodes.length}.${opType}`;
    const output = options.outputs ?? [name];
    const attribute = Object.entries(options.attributes ?? {}).map(([key, value]) => attributeMessage(key, value));
    this.#nodes.push({ opType, name, domain, input, output, attribute });
    return output[0] ?? '';
  }
}

function attributeMessage(name: string, value: Attribute): AttributeMessage {
  if (typeof value === 'number') return { name, type: 2, i: value };
  if ('float' in value) return { name, type: 1, f: value.float };
  return { name, type: 7, ints: value };
}

function valueMessage(name: string, type: TensorType, dims: readonly Dimension[]): ValueMessage {
  const dim = dims.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType: TENSOR_TYPE_CODE[type], shape: { dim } } } };
}
