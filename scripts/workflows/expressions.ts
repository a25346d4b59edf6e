/** Expands `${{ needs.prepare.outputs.TEST_ID }}`. Supports only names, which is all that these workflows use. */
export type Values = Readonly<Record<string, unknown>>

export function fill<Texts extends Readonly<Record<string, unknown>>>(
  texts: Texts,
  values: Values,
): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, filled(String(text), values)]))
}

const filled = (text: string, values: Values): string =>
  text.replace(/\$\{\{\s*([\w.-]+)\s*\}\}/g, (_, path: string) => String(valueAt(path, values) ?? ''))

/** A missing value is empty, as on GitHub. */
const valueAt = (path: string, values: Values): unknown =>
  path.split('.').reduce<unknown>((value, name) => (value as Values | undefined)?.[name], values)
