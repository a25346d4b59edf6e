/** A PostgreSQL array literal of text values. */
export function arrayLiteral(values: readonly (string | null)[]): string {
  return `{${values.map(element).join()}}`
}

const plain = /^[\d.:+-]+$|^(?!null$)[\w-]+$/i

function element(value: string | null): string {
  if (value === null) return 'NULL'
  return plain.test(value) ? value : `"${value.replace(/["\\]/g, '\\$&')}"`
}
