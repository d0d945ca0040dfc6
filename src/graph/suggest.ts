/** Nearest names for a misspelt one, as the sentence that error templates append. Pure; no node: imports. */

/** ` Did you mean "x"?` with a leading space, or nothing when no candidate is near. */
export function suggestion(name: string, candidates: Iterable<string>): string {
  const nearest = nearestName(name, candidates);
  return nearest === undefined ? '' : ` Did you mean "${nearest}"?`;
}

export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = name.toLowerCase().slice(0, 80);
  // A third of the letters may be wrong; a part of the name ("clip-image" for "encode/clip-image") is near, too.
  let limit = wanted.length < 2 ? 0 : Math.max(1, Math.floor(wanted.length / 3));
  let best: string | undefined;
  for (const candidate of candidates) {
    const other = candidate.toLowerCase();
    if (other === wanted) return candidate;
    const distance = isPart(wanted, other) ? 1 : editDistance(wanted, other, limit);
    if (distance < limit || (distance === limit && best === undefined)) {
      limit = distance;
      best = candidate;
    }
  }
  return best;
}

function isPart(wanted: string, other: string): boolean {
  return (
    wanted.length >= 3 && (other.endsWith(`/${wanted}`) || other.endsWith(`-${wanted}`) || other.startsWith(wanted))
  );
}

/** Insertions, deletions, replacements and swaps of neighbours; anything above `limit` counts as Infinity. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return Number.POSITIVE_INFINITY;
  let twoAbove: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let cost = Math.min(above[column]! + 1, current[column - 1]! + 1, above[column - 1]! + (same ? 0 : 1));
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        cost = Math.min(cost, twoAbove[column - 2]! + 1);
      }
      current.push(cost);
    }
    twoAbove = above;
    above = current;
  }
  const distance = above[b.length]!;
  return distance > limit ? Number.POSITIVE_INFINITY : distance;
}
