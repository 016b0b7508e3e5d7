/**
 * The part of the ONNX file format that this project writes, its encoder, and a decoder of what graphs refer to. Owns field numbers and type codes
 * (onnx.proto3 of ONNX 1.16, IR version 10). Does not own what graphs contain: see graph-builder.ts.
 */
import protobuf from 'protobufjs';

const SCHEMA = `
syntax = "proto2";
package onnx;
message StringStringEntryProto { optional string key = 1; optional string value = 2; }
message OperatorSetIdProto { optional string domain = 1; optional int64 version = 2; }
message TensorShapeProto {
  message Dimension { optional int64 dim_value = 1; optional string dim_param = 2; }
  repeated Dimension dim = 1;
}
message TypeProto {
  message Tensor { optional int32 elem_type = 1; optional TensorShapeProto shape = 2; }
  optional Tensor tensor_type = 1;
}
message ValueInfoProto { optional string name = 1; optional TypeProto type = 2; }
message AttributeProto {
  optional string name = 1; optional float f = 2; optional int64 i = 3;
  repeated int64 ints = 8; optional int32 type = 20;
}
message NodeProto {
  repeated string input = 1; repeated string output = 2; optional string name = 3; optional string op_type = 4;
  repeated AttributeProto attribute = 5; optional string domain = 7;
}
message TensorProto {
  repeated int64 dims = 1; optional int32 data_type = 2; optional string name = 8; optional bytes raw_data = 9;
  repeated StringStringEntryProto external_data = 13; optional int32 data_location = 14;
}
message GraphProto {
  repeated NodeProto node = 1; optional string name = 2; repeated TensorProto initializer = 5;
  repeated ValueInfoProto input = 11; repeated ValueInfoProto output = 12;
}
message ModelProto {
  optional int64 ir_version = 1; optional GraphProto graph = 7; repeated OperatorSetIdProto opset_import = 8;
}`;

const IR_VERSION = 10;
const OPERATOR_SET = 21;

/** Domain of the operators that onnxruntime adds to the standard ones. */
export const CONTRIB_DOMAIN = 'com.microsoft';

export type TensorType = 'float32' | 'float16' | 'uint8' | 'int8' | 'int32' | 'int64';

/** TensorProto.DataType of the element types in use. */
export const TENSOR_TYPE_CODE: Readonly<Record<TensorType, number>> = {
  float32: 1,
  float16: 10,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
};

export type AttributeMessage =
  | { readonly name: string; readonly type: 1; readonly f: number }
  | { readonly name: string; readonly type: 2; readonly i: number }
  | { readonly name: string; readonly type: 7; readonly ints: readonly number[] };

export type NodeMessage = {
  readonly opType: string;
  readonly name: string;
  readonly domain: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly attribute: readonly AttributeMessage[];
};

export type InitialiserMessage = {
  readonly name: string;
  readonly dataType: number;
  readonly dims: readonly number[];
  readonly rawData?: Uint8Array;
  /** 1 means that `externalData` says where the bytes are. */
  readonly dataLocation?: 1;
  readonly externalData?: readonly { readonly key: string; readonly value: string }[];
};

export type ValueMessage = {
  readonly name: string;
  readonly type: {
    readonly tensorType: {
      readonly elemType: number;
      readonly shape: { readonly dim: readonly ({ readonly dimValue: number } | { readonly dimParam: string })[] };
    };
  };
};

export type GraphMessage = {
  readonly name: string;
  readonly node: readonly NodeMessage[];
  readonly initializer: readonly InitialiserMessage[];
  readonly input: readonly ValueMessage[];
  readonly output: readonly ValueMessage[];
};

const modelType = protobuf.parse(SCHEMA).root.lookupType('onnx.ModelProto');

/** The bytes of an .onnx file holding `graph`. Equal graphs give equal bytes. */
export function encodeModel(graph: GraphMessage): Uint8Array {
  const opsetImport = [
    { domain: '', version: OPERATOR_SET },
    { domain: CONTRIB_DOMAIN, version: 1 },
  ];
  return modelType.encode({ irVersion: IR_VERSION, graph, opsetImport }).finish();
}

/** The initialisers of an .onnx file that this project wrote. Throws RangeError when the bytes are no such file. */
export function decodeInitialisers(bytes: Uint8Array): readonly InitialiserMessage[] {
  let model: { readonly graph?: { readonly initializer?: readonly InitialiserMessage[] } };
  try {
    model = modelType.toObject(modelType.decode(bytes), { longs: Number, arrays: true });
  } catch (cause) {
    throw new RangeError('the bytes are no ONNX model', { cause });
  }
  return model.graph?.initializer ?? [];
}
