/**
 * The server's token: comes in the address fragment (never sent, never logged), then lives for this tab only.
 * Must not write it anywhere else.
 */
const KEY = 'weft.token';

interface Place {
  readonly hash: string;
  readonly pathname: string;
  readonly search: string;
}

/** Takes the token out of the address, or gives back the one this tab already had. */
export function takeToken(
  place: Place = location,
  storage: Pick<Storage, 'getItem' | 'setItem'> = sessionStorage,
  replaceAddress: (address: string) => void = (address) => history.replaceState(null, '', address),
): string | undefined {
  const token = new URLSearchParams(place.hash.replace(/^#/, '')).get('token');
  if (token !== null && token !== '') {
    storage.setItem(KEY, token);
    replaceAddress(place.pathname + place.search);
    return token;
  }
  return storage.getItem(KEY) ?? undefined;
}
