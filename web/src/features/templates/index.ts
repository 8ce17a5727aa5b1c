export { NewFromTemplate } from "./new-from-template.tsx";
