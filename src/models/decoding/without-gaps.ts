/** Settings laid over others: what is undefined must replace nothing. Pure. */

/** The same without what is undefined. */
export function withoutGaps<Values extends object>(
  values: Values,
): { [Name in keyof Values]: NonNullable<Values[Name]> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}
