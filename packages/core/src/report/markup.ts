import { oneLine } from './columns.ts'

/** Text that stays what it is between tags and in quotes, in HTML and in XML; characters that XML does not have are shown as their numbers. */
export function literal(text: string): string {
  return oneLine(text.toWellFormed())
    .replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
    .replace(/[\ufffe\uffff]/g, '\ufffd')
}
