import type { TableName } from '../names.ts'

/** Whether the user has the privilege TRIGGER on a table, according to SHOW GRANTS: without it, MySQL lists no triggers. */
export function seesTriggers(grants: readonly string[], { schema, table }: TableName): boolean {
  const isRevoked = grants.some((grant) => grant.startsWith('REVOKE'))
  return grants.some((grant) => {
    const [, privileges = '', database = '', name = ''] = form.exec(grant) ?? []
    if (!/(?:^|, ?)(?:ALL PRIVILEGES|TRIGGER)(?:,|$)/.test(privileges)) return false
    if (database === '*') return !isRevoked
    return matches(unquoted(database), schema) && (name === '*' || unquoted(name) === table)
  })
}

const form = /^GRANT (.+?) ON (\*|[`"].*?[`"])\.(\*|[`"].*?[`"]) TO /

const unquoted = (name: string): string => name.slice(1, -1).replace(/([`"])\1/g, '$1')

/** Database names in grants are LIKE patterns. */
function matches(pattern: string, schema: string): boolean {
  const source = pattern.replace(/\\?./gs, (sign) => {
    if (sign === '%') return '.*'
    return sign === '_' ? '.' : sign.slice(-1).replace(/\W/, '\\$&')
  })
  return new RegExp(`^${source}$`, 's').test(schema)
}
