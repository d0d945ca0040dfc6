/** Weights in the forms that ONNX operators take. */

/** [columns, rows] from [rows, columns], in blocks that stay in the cache. */
export function transposed(data: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(data.length);
  const block = 32;
  for (let top = 0; top < rows; top += block) {
    for (let left = 0; left < columns; left += block) {
      const [bottom, right] = [Math.min(rows, top + block), Math.min(columns, left + block)];
      for (let row = top; row < bottom; row += 1) {
        for (let column = left; column < right; column += 1)
          result[column * rows + row] = data[row * columns + column]!;
      }
    }
  }
  return result;
}

export interface QuantizedMatrix {
  /** [inputs, outputs]. */
  readonly data: Int8Array;
  /** [outputs]: weight = scale * data. */
  readonly scales: Float32Array;
}

/** int8 with a scale for each output, symmetric around zero, from [outputs, inputs]. */
export function quantized(data: Float32Array, outputs: number, inputs: number): QuantizedMatrix {
  const scales = new Float32Array(outputs);
  const result = new Int8Array(data.length);
  for (let output = 0; output < outputs; output += 1) {
    const row = data.subarray(output * inputs, (output + 1) * inputs);
    const most = row.reduce((found, weight) => Math.max(found, Math.abs(weight)), 0);
    scales[output] = most / 127;
    for (let input = 0; input < inputs; input += 1) {
      result[input * outputs + output] = most === 0 ? 0 : Math.round((row[input]! / most) * 127);
    }
  }
  return { data: result, scales };
}
