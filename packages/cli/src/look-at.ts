import type { ResourceRecord } from '@dustpan/core/ledger'

type Look = (found: readonly string[], record: ResourceRecord) => string

/** Patterns of removals, and how to look at the resource that each removes. */
const looks: readonly (readonly [removal: RegExp, look: Look])[] = [
  [/^DELETE FROM (.+? WHERE .+)$/s, ([, where]) => `SELECT * FROM ${where}`],
  [/^UPDATE (.+?) (?:SET .+?|as before) (WHERE .+)$/s, ([, table, where]) => `SELECT * FROM ${table} ${where}`],
  [/^ALTER TABLE (.+?) (?:DELETE|UPDATE …) (WHERE .+)$/s, ([, table, where]) => `SELECT * FROM ${table} ${where}`],
  [/^(?:DELETE|PATCH) (https?:.+)$/, ([, url]) => `GET ${url}`],
  [/^(?:DELETE|PATCH) (\/.*)$/, ([, path], { storeId }) => `GET ${storeId}${path}`],
  [/^(\w+)\.(?:deleteOne|updateOne)\((\{ \w+: .+? \})(?:, .*)?\)$/, ([, name, filter]) => `${name}.findOne(${filter})`],
  [/^rm (?:-r )?(\/.+)$/, ([, path]) => path as string],
]

/** A statement, a request or a path to look at the resource; undefined when the removal does not contain one. */
export function lookAt(record: ResourceRecord): string | undefined {
  for (const [removal, look] of looks) {
    const found = removal.exec(record.removal)
    if (found) return look(found, record)
  }
  return undefined
}
