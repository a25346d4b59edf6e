import { oneLine } from './columns.ts'

/** Escapes a text for HTML and XML, between tags and in quotes; characters not allowed in XML are shown as their numbers. */
export function literal(text: string): string {
  return oneLine(text.toWellFormed())
    .replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
    .replace(/[\ufffe\uffff]/g, '\ufffd')
}
