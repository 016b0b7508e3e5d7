/**
 * The arithmetic that forward and backward passes are written in: a thin layer over GraphBuilder with matrices as
 * values. Owns which operator does what; knows nothing of language models.
 */
import type { GraphBuilder } from '../../onnx/graph-builder.ts';

/** Every method adds nodes and returns the name of the value that they make. */
export class Arithmetic {
  readonly graph: GraphBuilder;

  constructor(graph: GraphBuilder) {
    this.graph = graph;
  }

  add(a: string, b: string): string {
    return this.graph.node('Add', [a, b]);
  }

  subtract(a: string, b: string): string {
    return this.graph.node('Sub', [a, b]);
  }

  multiply(a: string, b: string): string {
    return this.graph.node('Mul', [a, b]);
  }

  scale(a: string, factor: number): string {
    return this.multiply(a, this.graph.float(factor));
  }

  /** a·b of matrices or stacks of them. */
  product(a: string, b: string): string {
    return this.graph.node('MatMul', [a, b]);
  }

  /** a·bᵀ of two matrices. */
  productRight(a: string, b: string): string {
    return this.graph.node('Gemm', [a, b], { attributes: { transB: 1 } });
  }

  /** aᵀ·b of two matrices. */
  productLeft(a: string, b: string): string {
    return this.graph.node('Gemm', [a, b], { attributes: { transA: 1 } });
  }

  /** Sum over one axis, which stays with length 1. */
  sum(a: string, axis: number): string {
    return this.graph.node('ReduceSum', [a, this.graph.integers(axis)], { attributes: { keepdims: 1 } });
  }

  /** Mean over the last axis, which stays with length 1. */
  mean(a: string): string {
    return this.graph.node('ReduceMean', [a, this.graph.integers(-1)], { attributes: { keepdims: 1 } });
  }

  /** Swaps the last two of five axes. */
  transposed(a: string): string {
    return this.graph.node('Transpose', [a], { attributes: { perm: [0, 1, 2, 4, 3] } });
  }

  /** Both halves of the last axis. */
  halves(a: string): readonly [string, string] {
    const [first, second] = [`${a}.first`, `${a}.second`];
    this.graph.node('Split', [a], { outputs: [first, second], attributes: { axis: -1, num_outputs: 2 } });
    return [first, second];
  }

  joined(a: string, b: string, axis = -1): string {
    return this.graph.node('Concat', [a, b], { attributes: { axis } });
  }

  reshape(a: string, ...dims: readonly number[]): string {
    return this.graph.node('Reshape', [a, this.graph.integers(...dims)]);
  }
}
