/** Token sequences by what they begin with: each beginning stands once, after what it continues. Pure. */

export class TokenTrie {
  /** The token of each node. */
  readonly ids: number[] = [];
  /** How many tokens stand before each node's. */
  readonly depths: number[] = [];
  /** The node before it; -1 where there is none. */
  readonly #parents: number[] = [];
  readonly #children = new Map<string, number>();

  get size(): number {
    return this.ids.length;
  }

  /** Nodes that the path would add. */
  missing(path: readonly number[]): number {
    let node = -1;
    for (const [depth, id] of path.entries()) {
      const child = this.#children.get(`${node} ${id}`);
      if (child === undefined) return path.length - depth;
      node = child;
    }
    return 0;
  }

  /** The node of its last token. */
  add(path: readonly number[]): number {
    let node = -1;
    for (const [depth, id] of path.entries()) {
      const key = `${node} ${id}`;
      const child = this.#children.get(key) ?? this.size;
      if (child === this.size) {
        this.#children.set(key, child);
        this.ids.push(id);
        this.depths.push(depth);
        this.#parents.push(node);
      }
      node = child;
    }
    return node;
  }

  /** Every node follows the one before it: plain text. */
  get isChain(): boolean {
    return this.#parents.every((parent, node) => parent === node - 1);
  }

  /** [size, before + size]: 0 where a node sees a row, minus infinity where that is neither itself nor before it. */
  bias(before: number): Float32Array {
    const width = before + this.size;
    const bias = new Float32Array(this.size * width);
    for (let node = 0; node < this.size; node += 1) {
      const row = node * width;
      bias.fill(Number.NEGATIVE_INFINITY, row + before, row + width);
      for (let seen = node; seen >= 0; seen = this.#parents[seen]!) bias[row + before + seen] = 0;
    }
    return bias;
  }
}

/** How many tokens all paths begin with alike. */
export function commonLength(paths: readonly (readonly number[])[]): number {
  const [first = [], ...others] = paths;
  let length = Math.min(...paths.map((path) => path.length));
  for (const path of others) {
    let same = 0;
    while (same < length && path[same] === first[same]) same += 1;
    length = same;
  }
  return length;
}
