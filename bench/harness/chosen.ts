/** `--only TEXT` leaves out the cases whose name does not contain TEXT. */
export function chosen(name: string): boolean {
  const at = process.argv.indexOf('--only');
  return at < 0 || name.includes(process.argv[at + 1] ?? '');
}
