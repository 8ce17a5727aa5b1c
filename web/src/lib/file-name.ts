/**
 * The name in a `Content-Disposition` (RFC 6266): the whole one of `filename*` where there is one, else the plain one.
 * Null where there is none.
 */
export function fileNameOf(disposition: string | null): string | null {
  const [, encoded] = /filename\*=UTF-8''([^;]+)/i.exec(disposition ?? "") ?? [];
  if (encoded !== undefined) return decodeURIComponent(encoded);
  const [, plain] = /filename="([^"]+)"/i.exec(disposition ?? "") ?? [];
  return plain ?? null;
}
