/** Levenshtein's distance: the fewest insertions, deletions and substitutions that make one sequence of the other. */

export function editDistance<Item>(from: readonly Item[], to: readonly Item[]): number {
  let above = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [row, item] of from.entries()) {
    const here = [row + 1];
    for (const [column, other] of to.entries()) {
      const substituted = above[column]! + (item === other ? 0 : 1);
      here.push(Math.min(substituted, above[column + 1]! + 1, here[column]! + 1));
    }
    above = here;
  }
  return above.at(-1)!;
}
