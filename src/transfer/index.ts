export { checkBundle } from "./check-bundle.ts";
export { type ImportOptions, importBundle, writeImportedWorkflow } from "./import-bundle.ts";
export { type ImportMessage, importMessageSchema } from "./import-message.ts";
export { type ImportPorts, importPorts } from "./import-ports.ts";
export type { Imported, ImportResult } from "./import-results.ts";
export { type ImportBundle, importBundleSchema } from "./import-schema.ts";
export { type RunPorts, runImport } from "./run-import.ts";
export { tidyImports } from "./tidy-imports.ts";
