/** Checks the options `kinds` and `owners`; only the database knows whether the columns exist. */
import { isFlag, isRecord, isText } from './option-values.ts'

/** The error in the options `kinds` and `owners`; undefined: none. */
export function wrongKinds(kinds: unknown, owners: unknown): WrongKind | undefined {
  if (kinds !== undefined && !isRecord(kinds)) return { path: 'kinds', expected: 'an object of kinds', found: kinds }
  const wrong = Object.entries((kinds ?? {}) as object).map(([name, kind]) => wrongIn(kind, `kinds.${name}`, kindParts))
  return wrong.find((one) => one) ?? (owners === undefined ? undefined : wrongIn(owners, 'owners', ownerParts))
}

export interface WrongKind {
  readonly path: string
  readonly expected: string
  readonly found: unknown
}

type Parts = { readonly [part: string]: (value: unknown) => boolean }

const ownerColumnParts: Parts = { column: isText, is: isText, lowerCase: isFlag }
const kindParts: Parts = {
  table: isText,
  owner: (value) => isText(value) || (isRecord(value) && isText(value.column) && !wrongIn(value, '', ownerColumnParts)),
  tag: isText,
  run: isText,
  createdAt: isText,
}
const ownerParts: Parts = { table: isText, key: isText, type: isText }

function wrongIn(value: unknown, path: string, parts: Parts): WrongKind | undefined {
  if (!isRecord(value)) return { path, expected: `an object with ${Object.keys(parts).join(', ')}`, found: value }
  if (parts === ownerParts && value.table === undefined)
    return { path: `${path}.table`, expected: "a table's name", found: undefined }
  for (const [part, partValue] of Object.entries(value)) {
    const test = Object.hasOwn(parts, part) ? parts[part] : undefined
    if (!test) return { path: `${path}.${part}`, expected: `one of ${Object.keys(parts).join(', ')}`, found: part }
    if (partValue !== undefined && !test(partValue))
      return { path: `${path}.${part}`, expected: expectedOf(part), found: partValue }
  }
  return undefined
}

const expectedOf = (part: string): string =>
  part === 'owner' ? "a column's name, or { column, is, lowerCase }" : 'a name of a table or column'
