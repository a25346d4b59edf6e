import { DustpanError } from '@dustpan/core/driver'

export interface Lacking {
  readonly name: string
  readonly rights: string
}

/** A role that may only read would be noticed when the first run is sent. */
export function lacksRights(schema: string, lacking: readonly Lacking[]): DustpanError {
  const told = lacking.map(({ name, rights }) => `${rights} on ${schema}.${name}`).join('; ')
  return new DustpanError('DUSTPAN_LEDGER_NOT_READY', `The shared ledger's role lacks ${told}.`, {
    hint: `Have an owner of the tables run: GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO <the role>.`,
  })
}
