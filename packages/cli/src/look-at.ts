import type { ResourceRecord } from '@dustpan/core/ledger'

type Look = (found: readonly string[], record: ResourceRecord) => string

/** How a removal is told, and how what it removes is looked at. */
const looks: readonly (readonly [removal: RegExp, look: Look])[] = [
  [/^DELETE FROM (.+? WHERE .+)$/s, ([, where]) => `SELECT * FROM ${where}`],
  [/^UPDATE (.+?) (?:SET .+?|as before) (WHERE .+)$/s, ([, table, where]) => `SELECT * FROM ${table} ${where}`],
  [/^ALTER TABLE (.+?) (?:DELETE|UPDATE …) (WHERE .+)$/s, ([, table, where]) => `SELECT * FROM ${table} ${where}`],
  [/^(?:DELETE|PATCH) (https?:.+)$/, ([, url]) => `GET ${url}`],
  [/^(?:DELETE|PATCH) (\/.*)$/, ([, path], { storeId }) => `GET ${storeId}${path}`],
  [/^(\w+)\.(?:deleteOne|updateOne)\((\{ \w+: .+? \})(?:, .*)?\)$/, ([, name, filter]) => `${name}.findOne(${filter})`],
  [/^rm (?:-r )?(\/.+)$/, ([, path]) => path as string],
]

/** A statement, a request or a path; undefined where the removal does not tell. */
export function lookAt(record: ResourceRecord): string | undefined {
  for (const [removal, look] of looks) {
    const found = removal.exec(record.removal)
    if (found) return look(found, record)
  }
  return undefined
}
