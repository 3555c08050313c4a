/**
 * The known name that somebody most likely meant: the fewest single-letter edits away, at most `maxEdits` (by default a third of
 * its length, but 1 at least). Case does not count. Undefined when nothing is near.
 */
export function nearestName(meant: string, known: Iterable<string>, maxEdits?: number): string | undefined {
  let best: string | undefined;
  let bestEdits = Number.POSITIVE_INFINITY;
  for (const name of known) {
    const edits = countEdits(meant.toLowerCase(), name.toLowerCase());
    const limit = maxEdits ?? Math.max(1, Math.ceil(name.length / 3));
    if (edits > limit || edits >= bestEdits) continue;
    best = name;
    bestEdits = edits;
  }
  return best;
}

/** ` (did you mean "push"?)`, or nothing when no name is near. */
export function suggest(meant: string, known: Iterable<string>): string {
  const name = nearestName(meant, known);
  return name === undefined ? "" : ` (did you mean "${name}"?)`;
}

/** Longer names are not compared letter by letter: the table grows with the product of both lengths. */
const MAX_COMPARED_LENGTH = 64;

/** Insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b`. */
function countEdits(a: string, b: string): number {
  if (a.length > MAX_COMPARED_LENGTH || b.length > MAX_COMPARED_LENGTH) return Number.POSITIVE_INFINITY;
  let twoAbove: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      let edits = Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + (isSame ? 0 : 1));
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwap) edits = Math.min(edits, twoAbove[j - 2]! + 1);
      row.push(edits);
    }
    twoAbove = above;
    above = row;
  }
  return above[b.length]!;
}
