/** A driver's name in files and packages, functions, types and environment variables. */
export interface Names {
  readonly kebab: string
  readonly camel: string
  readonly pascal: string
  readonly upper: string
}

/** Undefined for an invalid name. */
export function namesOf(kebab: string): Names | undefined {
  if (!/^[a-z][a-z0-9]*(?:-[a-z][a-z0-9]*)*$/.test(kebab)) return undefined
  const pascal = kebab
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')
  const camel = pascal.charAt(0).toLowerCase() + pascal.slice(1)
  return { kebab, camel, pascal, upper: kebab.toUpperCase().replaceAll('-', '_') }
}
