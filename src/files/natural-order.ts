/** File names in the order people expect: `2.png` before `10.png`, the same on every machine. */

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

export function naturalOrder(a: string, b: string): number {
  // Names that the collator holds equal (case, accents) still need one fixed order.
  return collator.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);
}
