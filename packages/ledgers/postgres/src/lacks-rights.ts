import { DustpanError } from '@dustpan/core/driver'

export interface MissingRights {
  readonly name: string
  readonly rights: string
}

/** Checked early: otherwise a read-only role is only noticed when the first run is sent. */
export function lacksRights(schema: string, missing: readonly MissingRights[]): DustpanError {
  const list = missing.map(({ name, rights }) => `${rights} on ${schema}.${name}`).join('; ')
  return new DustpanError('DUSTPAN_LEDGER_NOT_READY', `The shared ledger's role lacks ${list}.`, {
    hint: `Have an owner of the tables run: GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO <the role>.`,
  })
}
