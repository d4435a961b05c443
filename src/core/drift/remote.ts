/**
 * A git remote without what could be a secret: user and password of an http(s) URL (a token may stand as either),
 * its query and fragment, and the password of any other URL. `git@host:path` and local paths stay.
 */
export function withoutCredentials(remote: string): string {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(remote)) return remote;
  const url = URL.parse(remote);
  if (url === null) {
    // Not a URL that can be taken apart: nothing before an @ survives.
    return remote.replace(/\/\/.*@/s, '//');
  }
  url.password = '';
  if (url.protocol === 'http:' || url.protocol === 'https:') {
    url.username = '';
    url.search = '';
    url.hash = '';
  }
  return url.href;
}
