/** Hands a file that the page holds to the browser, as if it had been downloaded. */
export function saveFile({ blob, name }: { blob: Blob; name: string }): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // Revoked at once, the browser may not have begun to read it.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
