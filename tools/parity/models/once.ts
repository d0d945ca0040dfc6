/** Results that several outputs of a case come from are made once. */

/** The function's result for each key, made at the first call with it. */
export function onceEach<Key, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const made = new Map<Key, { readonly value: Value }>();
  return (key) => {
    let found = made.get(key);
    if (found === undefined) {
      found = { value: make(key) };
      made.set(key, found);
    }
    return found.value;
  };
}

/** The function's result, made at the first call. */
export function once<Value>(make: () => Value): () => Value {
  const made = onceEach((_: 'only') => make());
  return () => made('only');
}
