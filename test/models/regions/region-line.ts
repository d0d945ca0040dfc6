/** Lines of tables of regions for tests: two boxes in a picture of 40 x 30. */

interface Cells {
  readonly id?: string;
  readonly width?: string;
  readonly regions?: string;
  readonly features?: string;
  readonly numbers?: readonly number[];
  readonly lxmert?: boolean;
}

export function regionLine({
  id = '7',
  width = '40',
  regions = '2',
  numbers,
  lxmert = false,
  ...given
}: Cells): string {
  const base64 = (list: readonly number[]) => Buffer.from(Float32Array.from(list).buffer).toString('base64');
  const boxes = base64([0, 0, 10, 20, 5, 5, 40, 30]);
  const features = given.features ?? base64(numbers ?? [1, 2, 3, 4, 5, 6]);
  const cells = lxmert
    ? [id, '30', width, 'AAAA', 'AAAA', 'AAAA', 'AAAA', regions, boxes, features]
    : [id, width, '30', regions, boxes, features];
  return cells.join('\t');
}
