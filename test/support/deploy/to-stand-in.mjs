// Loaded in front of the deployment: its questions to the deployed addresses go to the stand-in for Cloudflare.
const { fetch } = globalThis;
const home = process.env.STAND_IN_URL;
globalThis.fetch = (address, options) =>
  fetch(String(address).replace(/^https:\/\/[^/]+\.(workers|pages)\.dev/, home), options);
