/** A size as people read it. Pure. */
const UNITS = ['kB', 'MB', 'GB', 'TB'] as const;

/** Decimal units, as disks and hubs count: `999 B`, `1.5 kB`, `340 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  let amount = bytes;
  let unit = -1;
  while (amount >= 999.5 && unit < UNITS.length - 1) {
    amount /= 1000;
    unit += 1;
  }
  return `${amount < 9.95 ? amount.toFixed(1) : Math.round(amount)} ${UNITS[unit]}`;
}
