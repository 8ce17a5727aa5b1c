import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  build: {
    // The API reference is a page of its own, so that the dashboard does not carry its weight.
    rolldownOptions: { input: [`${import.meta.dirname}/index.html`, `${import.meta.dirname}/docs.html`] },
    // The reference's renderer is one file of 1.7 MB, loaded by that page only.
    chunkSizeWarningLimit: 2000,
  },
});
