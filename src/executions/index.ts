export { type StepMessage, stepMessageSchema } from "./message.ts";
